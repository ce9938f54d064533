import type { SagaFilter } from '../client';
import { AlertsError } from './errors';
import { defaultLogger, logAlerts } from './log-sink';
import type { AlertLogger, AlertSink } from './sink';

/** What to watch, how often, and where alerts go. Times are in milliseconds. */
export interface WatchOptions {
  /** Ends the watcher. */
  readonly signal?: AbortSignal;
  /** The pause between two polls, at least 100. @default 15 000 */
  readonly everyMs?: number;
  /** The pause between two audits, at least 1 000. @default none: no audit */
  readonly auditEveryMs?: number;
  /** From how many rounds on a stuck compensation is `compensation-failing`. @default 3 */
  readonly compensationRounds?: number;
  /** How long polls must have failed before `watch-failing` is raised. @default 180 000 */
  readonly failingAfterMs?: number;
  /** How many new alerts of one kind, workflow, step and code in one poll are raised one by one. @default 20 */
  readonly groupAbove?: number;
  /** How many problems are tracked at most, some 700 bytes each. @default 100 000 */
  readonly maxTracked?: number;
  /** Only sagas that match. Does not apply to the audit. @default all sagas of the namespace */
  readonly filter?: Omit<SagaFilter, 'state'>;
  /** Where alerts go. @default {@link logAlerts} */
  readonly sinks?: readonly AlertSink[];
  /** Where the watcher logs its own failures. @default JSON lines on standard error */
  readonly logger?: AlertLogger;
}

/** Options with their defaults. */
export interface WatchSettings extends Required<Omit<WatchOptions, 'signal' | 'auditEveryMs'>> {
  readonly auditEveryMs: number | undefined;
}

const LEAST: Readonly<Record<string, number>> = {
  everyMs: 100,
  auditEveryMs: 1_000,
  compensationRounds: 1,
  failingAfterMs: 0,
  groupAbove: 1,
  maxTracked: 1,
};
/** The longest delay of a timer of Node. */
const MOST = 2_147_483_647;

/** @throws AlertsError `WATCH_OPTION_INVALID` */
export function settingsOf(options: WatchOptions): WatchSettings {
  for (const [name, least] of Object.entries(LEAST)) {
    const value = options[name as keyof WatchOptions] as unknown;
    if (value === undefined) continue;
    if (typeof value !== 'number' || !(value >= least && value <= MOST))
      throw new AlertsError('WATCH_OPTION_INVALID', `${name} must be a number from ${least} to ${MOST}`);
  }
  const logger = options.logger ?? defaultLogger();
  return {
    everyMs: options.everyMs ?? 15_000,
    auditEveryMs: options.auditEveryMs,
    compensationRounds: options.compensationRounds ?? 3,
    failingAfterMs: options.failingAfterMs ?? 180_000,
    groupAbove: options.groupAbove ?? 20,
    maxTracked: options.maxTracked ?? 100_000,
    filter: options.filter ?? {},
    sinks: options.sinks ?? [logAlerts(logger)],
    logger,
  };
}
