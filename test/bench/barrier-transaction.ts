import { inParallel, upTo } from '../../bench/measure/in-parallel';
import { spreadOf } from '../../bench/measure/statistics';
import { Barrier, barrierTable, type Database, openDatabase } from '../../src/participant';
import { framed } from '../../src/participant/transaction';
import { callOf, change } from '../participant/effects';
import { createTestDatabase } from '../support/database';

/**
 * What a transaction of the barrier takes: `DATABASE_URL=<an administrator's> node --require tsx/cjs test/bench/barrier-transaction.ts`.
 * Actions with one business change each, in alternating rounds on one database: without a barrier, as they are, with each statement in a
 * round trip of its own, the latter prepared, and as they would be with one row version instead of two. Prints the milliseconds of an
 * action, and of the CPU of this process, for 1 and for 10 calls at once: the medians of the rounds.
 */
const CALLS = 2_000;
const ROUNDS = 5;
const INPUT = { sku: 'sku-tea' };

type Act = (sagaId: string) => Promise<unknown>;

async function main(): Promise<void> {
  const created = await createTestDatabase('bench');
  const open = (preparedStatements: boolean) =>
    openDatabase({
      url: created.url,
      poolSize: 10,
      maxStatementMs: 10_000,
      applicationName: 'bench',
      onError: () => undefined,
      preparedStatements,
    });
  const [unnamed, prepared] = [open(false), open(true)];
  await unnamed.query(barrierTable);
  await unnamed.query('CREATE TABLE effects (saga_id text NOT NULL, delta integer NOT NULL)');
  const variants: Readonly<Record<string, Act>> = {
    'without a barrier': (sagaId) => unnamed.transaction((tx) => change(tx, sagaId, 1)),
    'as it is': behindBarrier(unnamed),
    'one by one': behindBarrier(oneByOne(unnamed)),
    'one by one, prepared': behindBarrier(oneByOne(prepared)),
    'one insert': lockedByKey(unnamed),
  };
  for (const atOnce of [1, 10]) {
    const taken = new Map(Object.keys(variants).map((name): [string, Taken[]] => [name, []]));
    for (const act of Object.values(variants)) await take(act, atOnce);
    for (let round = 0; round < ROUNDS; round += 1)
      for (const [name, act] of Object.entries(variants)) taken.get(name)?.push(await take(act, atOnce));
    for (const [name, each] of taken) {
      const median = (read: (one: Taken) => number) => Number(spreadOf(each.map(read)).median.toFixed(3));
      const found = { ms: median(({ ms }) => ms), cpuMs: median(({ cpuMs }) => cpuMs) };
      process.stdout.write(`${JSON.stringify({ atOnce, name, ...found })}\n`);
    }
  }
  await Promise.all([unnamed.close(), prepared.close()]);
  await created.drop();
}

function behindBarrier(database: Database): Act {
  const barrier = new Barrier(database);
  return (sagaId) => barrier.do(callOf(sagaId, 'do'), INPUT, (tx) => change(tx, sagaId, 1));
}

/** Its transactions have no frame. */
function oneByOne(database: Database): Database {
  const transaction: Database['transaction'] = (work, deadline) =>
    database.transaction((tx) => work({ query: tx.query }), deadline);
  return { ...database, transaction };
}

/** Calls of a key wait for each other by a lock, and the row is inserted with its result: there is no second version of it. */
function lockedByKey(database: Database): Act {
  return (sagaId) =>
    database.transaction(async (open) => {
      const tx = framed(open);
      const { namespace, step, key, op } = callOf(sagaId, 'do');
      const found = await tx.first(
        `SELECT pg_advisory_xact_lock(hashtextextended($1, 0));
         SELECT state, result, input = $2::jsonb AS same FROM saga_barrier
         WHERE namespace = $3 AND saga_id = $4 AND step = $5 AND op = $6 FOR NO KEY UPDATE`,
        [key, JSON.stringify(INPUT), namespace, sagaId, step, op],
      );
      if (found.length > 0) throw new Error(`${key} is known`);
      const result = await change(tx, sagaId, 1);
      await tx.last(
        `INSERT INTO saga_barrier (namespace, saga_id, step, op, state, input, result)
         VALUES ($1, $2, $3, $4, 'done', $5, $6) RETURNING result`,
        [namespace, sagaId, step, op, JSON.stringify(INPUT), JSON.stringify(result ?? null)],
      );
    });
}

/** Of one action, in milliseconds. */
interface Taken {
  readonly ms: number;
  readonly cpuMs: number;
}

let sagas = 0;

async function take(act: Act, atOnce: number): Promise<Taken> {
  const [began, cpu] = [performance.now(), process.cpuUsage()];
  await inParallel(upTo(CALLS), atOnce, async () => void (await act(`saga-${++sagas}`)));
  const { user, system } = process.cpuUsage(cpu);
  return { ms: (performance.now() - began) / CALLS, cpuMs: (user + system) / 1_000 / CALLS };
}

void main();
