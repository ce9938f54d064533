import { EventEmitter, once } from 'node:events';
import { Logger, run, type RunnerOptions, type TaskList } from 'graphile-worker';
import { Pool } from 'pg';
import { type Database, openDatabase } from '../../src/participant';
import { keepHouse } from './housekeeping';

/** How a process works off the jobs of a database. */
export interface RunnerSettings {
  /** Jobs at once, per database. */
  readonly concurrency: number;
  /** How often jobs are looked for that no notification announced: those that are tried again. */
  readonly pollMs: number;
  /** How often {@link keepHouse} runs. */
  readonly housekeepingMs: number;
  /** The longest pause before a job is tried again. */
  readonly retryWithinMs: number;
  readonly log: (line: string) => void;
}

export const defaultSettings: RunnerSettings = {
  concurrency: 10,
  pollMs: 1_000,
  housekeepingMs: 5_000,
  retryWithinMs: 30_000,
  log: (line) => void process.stderr.write(`${line}\n`),
};

/** How long the first fetch of jobs may take. */
const START_WITHIN_MS = 10_000;

/** @property failed rejects when the runner ended by itself: its process should end, and be started again. */
export interface Running {
  readonly failed: Promise<never>;
  stop(): Promise<void>;
}

/** Runs these tasks for the jobs in one database. */
export async function startRunner(
  url: string,
  taskList: TaskList,
  settings: RunnerSettings,
): Promise<Running> {
  const events = new EventEmitter() as NonNullable<RunnerOptions['events']>;
  // Names the session after the pool's id, which is also in `locked_by`: see keepHouse.
  events.on('pool:listen:success', ({ client, workerPool }) => {
    // When it has sent its LISTEN.
    client.once('drain', () => {
      client
        .query(`SELECT set_config('application_name', $1, false)`, [workerPool.id])
        .catch(() => undefined);
    });
  });
  // One more listens, one more fetches and completes.
  const pool = openPool(url, 'queue', settings.concurrency + 2, settings.log);
  // An error at the first fetch is cached by the library (0.17.3), and no later fetch succeeds: see the end.
  const fetched = once(events, 'localQueue:getJobs:complete', {
    signal: AbortSignal.timeout(START_WITHIN_MS),
  });
  fetched.catch(() => undefined);
  const runner = await run({
    pgPool: pool,
    taskList,
    concurrency: settings.concurrency,
    pollInterval: settings.pollMs,
    noHandleSignals: true,
    parsedCronItems: [],
    logger: new Logger(() => (level, message) => {
      if (level === 'error' || level === 'warning') settings.log(message);
    }),
    // Jobs are fetched and completed several at a time when there are several.
    preset: { worker: { localQueue: { size: 2 * settings.concurrency }, completeJobBatchDelay: 10 } },
    events,
  }).catch(async (error: unknown) => {
    await pool.end();
    throw error;
  });
  const timer = setInterval(() => {
    // It is done again soon.
    keepHouse(pool, settings.retryWithinMs).catch(() => undefined);
  }, settings.housekeepingMs);
  let stopping = false;
  const failed = runner.promise.then(() => {
    if (stopping) return new Promise<never>(() => undefined);
    throw new Error('the runner ended by itself');
  });
  failed.catch(() => undefined);
  const stop = async () => {
    stopping = true;
    clearInterval(timer);
    await runner.stop();
    await pool.end();
  };
  try {
    await fetched;
  } catch (error) {
    await stop();
    throw new Error(`no jobs could be fetched within ${START_WITHIN_MS} ms of the start`, { cause: error });
  }
  return { failed, stop };
}

/** Connections for single statements, each of which is a transaction and one round trip. */
export function openPool(url: string, name: string, max: number, log: RunnerSettings['log']): Pool {
  const pool = new Pool({
    connectionString: url,
    max,
    connectionTimeoutMillis: 10_000,
    application_name: `choreography-${name}`,
  });
  const onError = (error: Error) => log(`${name}: lost a connection: ${error.message}`);
  // Also of a connection that is in use, or the process would end.
  return pool.on('error', onError).on('connect', (client) => client.on('error', onError));
}

/** A service's database, as the library opens it. */
export function openServiceDatabase(url: string, name: string, settings: RunnerSettings): Database {
  return openDatabase({
    url,
    // A job uses one connection at a time.
    poolSize: settings.concurrency + 1,
    maxStatementMs: 10_000,
    applicationName: `choreography-${name}`,
    preparedStatements: true,
    onError: (error) => settings.log(`${name}: lost a connection: ${error.message}`),
  });
}
