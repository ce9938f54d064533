import { isIPv4, isIPv6 } from 'node:net';
import { totalmem } from 'node:os';
import { getHeapStatistics } from 'node:v8';
import { z } from 'zod';
import {
  cachedWorkflowsThatFit,
  findOrchestratorConflicts,
  findParticipantConflicts,
  type ProcessMemory,
} from './limit-conflicts';
import { hostsParticipants } from './placements';
import type { Settings } from './settings';
import { databaseUrl, logLevel, parseSettings, throwProblems, wholeNumber } from './settings';

/**
 * A kind of worker process: `orchestrator`, or a participant's name. Each has its own task queue, pool and limits, and its
 * settings begin with its name in upper case.
 */
export type WorkerKind = string;

/** The setting of one kind of worker: `order`, `DATABASE_URL` → `ORDER_DATABASE_URL`. */
export function settingOf(kind: WorkerKind, key: string): string {
  return `${kind.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}_${key}`;
}

/**
 * What one kind of worker runs with. Each limit is read from its own setting (`ORDER_MAX_ACTIVITIES`), else from the
 * general one (`UNWIND_MAX_ACTIVITIES`), else has the default given here. Times are in milliseconds.
 */
export interface WorkerSettings {
  /** Activities at once. Default 20. */
  readonly maxActivities: number;
  /** Database connections; one for each activity at once, or some would wait for one until they time out. */
  readonly poolSize: number;
  /** Bound of one SQL statement, on top of the bound that an attempt's own timeout sets. Default 10 s. */
  readonly maxStatementMs: number;
  /** Whether statements are prepared once per connection: not behind every pooler. Default false. */
  readonly preparedStatements: boolean;
  /** Workflow tasks at once. Default 40, or as many as workflows are cached if those are fewer. */
  readonly maxWorkflowTasks: number;
  /** Workflows kept in memory between their tasks, at some 0.1 MB of heap each. Default 2,000, or as many as fit. */
  readonly maxCachedWorkflows: number;
  /** Time that running activities get to end after SIGTERM; 5 s later the process gives up. Default 10 s. */
  readonly shutdownGraceMs: number;
  readonly logLevel: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** Where Prometheus can scrape this worker, such as `127.0.0.1:9464`. Off by default. */
  readonly metricsAddress: string | undefined;
  /** The file of a workflow bundle that an orchestrator runs, instead of what its definition names. None by default. */
  readonly workflowBundle: string | undefined;
  /** The participant's own database; empty for the orchestrator, which has none. */
  readonly databaseUrl: string;
}

const DEFAULT_CACHED_WORKFLOWS = 2_000;

const limits = {
  MAX_ACTIVITIES: wholeNumber(1, 10_000).default(20),
  POOL_SIZE: wholeNumber(1, 10_000).optional(),
  MAX_STATEMENT_MS: wholeNumber(10, 3_600_000).default(10_000),
  PREPARED_STATEMENTS: z.enum(['true', 'false'], { error: 'must be true or false' }).default('false'),
  MAX_WORKFLOW_TASKS: wholeNumber(2, 10_000).optional(),
  MAX_CACHED_WORKFLOWS: wholeNumber(0, 1_000_000).optional(),
  SHUTDOWN_GRACE_MS: wholeNumber(0, 3_600_000).default(10_000),
  LOG_LEVEL: logLevel.default('info'),
};

const schema = z.object({
  ...limits,
  METRICS_ADDRESS: z
    .string()
    .refine(isSocketAddress, 'must be an IP address and a port, such as 127.0.0.1:9464 or [::1]:9464')
    .optional(),
  WORKFLOW_BUNDLE: z.string().optional(),
  DATABASE_URL: databaseUrl,
});

/**
 * Reads the settings of some kinds of worker, all for one process.
 * @param memory what the process may use.
 * @throws SetupError `INVALID_SETTING`, naming every problem of every kind at once, and limits that do not fit each other.
 */
export function readWorkerSettings<Kind extends WorkerKind>(
  kinds: readonly Kind[],
  env: Settings,
  memory = memoryOfProcess(),
): Readonly<Record<Kind, WorkerSettings>> {
  const problems: string[] = [];
  const settings = kinds.map((kind) => [kind, settingsOf(kind, env, memory, problems)] as const);
  const read = Object.fromEntries(settings) as Partial<Record<WorkerKind, WorkerSettings>>;
  problems.push(...findHostingConflicts(read, env));
  throwProblems(problems);
  return Object.freeze(read) as Readonly<Record<Kind, WorkerSettings>>;
}

function memoryOfProcess(): ProcessMemory {
  // 0 where there is no limit, or none is known.
  const totalBytes = Math.min(totalmem(), process.constrainedMemory() || Infinity);
  return { heapMb: getHeapStatistics().heap_size_limit / 2 ** 20, totalMb: totalBytes / 2 ** 20 };
}

/** An orchestrator that hosts the participants' activities runs them on pools of its own, of each participant's size. */
function findHostingConflicts(
  { orchestrator, ...rest }: Partial<Record<WorkerKind, WorkerSettings>>,
  env: Settings,
): string[] {
  if (!orchestrator || !hostsParticipants(env)) return [];
  return Object.entries(rest)
    .filter(([, service]) => service && service.poolSize < orchestrator.maxActivities)
    .map(
      ([kind, service]) =>
        `${settingOf(kind, 'POOL_SIZE')} must be at least ORCHESTRATOR_MAX_ACTIVITIES, which is ` +
        `${orchestrator.maxActivities}, since UNWIND_PLACEMENTS has the orchestrator run its activities; it is "${service?.poolSize}"`,
    );
}

function settingsOf(
  kind: WorkerKind,
  env: Settings,
  memory: ProcessMemory,
  problems: string[],
): WorkerSettings | undefined {
  const own = (key: string) => settingOf(kind, key);
  const general = (key: string) => `UNWIND_${key}`;
  const nameOf = (key: string) => (key in limits && !env[own(key)] && env[general(key)] ? general : own)(key);
  const given = Object.fromEntries(Object.keys(schema.shape).map((key) => [key, env[nameOf(key)]]));
  const values = parseSettings(
    kind === 'orchestrator'
      ? schema.extend({
          DATABASE_URL: z
            .unknown()
            .optional()
            .transform(() => ''),
        })
      : schema,
    given,
    problems,
    nameOf,
  );
  if (values === undefined) return undefined;
  const { MAX_ACTIVITIES: maxActivities } = values;
  const maxCachedWorkflows =
    values.MAX_CACHED_WORKFLOWS ?? Math.min(DEFAULT_CACHED_WORKFLOWS, cachedWorkflowsThatFit(memory));
  const related = {
    maxActivities,
    poolSize: values.POOL_SIZE ?? maxActivities,
    maxCachedWorkflows,
    maxWorkflowTasks: values.MAX_WORKFLOW_TASKS ?? Math.max(2, Math.min(40, maxCachedWorkflows || 40)),
  };
  problems.push(
    ...(kind === 'orchestrator'
      ? findOrchestratorConflicts(related, nameOf, memory)
      : findParticipantConflicts(related, nameOf)),
  );
  return Object.freeze({
    ...related,
    maxStatementMs: values.MAX_STATEMENT_MS,
    preparedStatements: values.PREPARED_STATEMENTS === 'true',
    shutdownGraceMs: values.SHUTDOWN_GRACE_MS,
    logLevel: values.LOG_LEVEL,
    metricsAddress: values.METRICS_ADDRESS,
    workflowBundle: values.WORKFLOW_BUNDLE,
    databaseUrl: values.DATABASE_URL,
  });
}

/** What the SDK binds to: no name, since it asks no resolver. */
function isSocketAddress(text: string): boolean {
  const {
    ipv4 = '',
    ipv6 = '',
    port = '',
  } = /^(?:\[(?<ipv6>.*)\]|(?<ipv4>.*)):(?<port>\d{1,5})$/.exec(text)?.groups ?? {};
  return (isIPv4(ipv4) || isIPv6(ipv6)) && Number(port) <= 65_535;
}
