import { type LiveReport, type LiveStep, type SagaClient, SagaClientError } from '../client';
import { mapAtOnce } from './at-once';
import type { Cause } from './cause';

/** What the report of a stuck saga says of the step. */
export interface StuckReport {
  readonly code?: string;
  readonly message: string;
  /** Whether the operation is a compensation. */
  readonly compensation: boolean;
  /** Absent when the saga did not answer. */
  readonly rounds?: number;
  /** When its next attempt is, in milliseconds. */
  readonly retryAt?: number;
  /** When its deadline passed, ISO 8601, if the saga declined it. Visibility shows one that unwound it. */
  readonly declinedAt?: string;
}

const ANSWER_WITHIN_MS = 3_000;
const READ_AT_ONCE = 10;
/** After how many sagas of a workflow that do not answer in a row the others of a poll are not asked. */
const SILENT_AFTER = 3;

/**
 * Reads the reports of stuck sagas, ten at once. While no worker of a workflow is up, only a few of its sagas are waited for.
 * @returns by cause; `over` if the report says that the saga is not stuck, or the saga is gone: visibility lags behind.
 */
export async function readStuckReports(
  client: SagaClient,
  causes: readonly Cause[],
): Promise<ReadonlyMap<Cause, StuckReport | 'over'>> {
  const unanswered = new Map<string, number>();
  const read = async (cause: Cause): Promise<[Cause, StuckReport | 'over']> => {
    const { workflow = '' } = cause;
    const silent = () => unanswered.get(workflow) ?? 0;
    if (silent() >= SILENT_AFTER) return [cause, unreported('no worker of the saga answers')];
    const report = await readStuckReport(client, cause);
    unanswered.set(workflow, report !== 'over' && report.rounds === undefined ? silent() + 1 : 0);
    return [cause, report];
  };
  return new Map(await mapAtOnce(READ_AT_ONCE, causes, read));
}

async function readStuckReport(client: SagaClient, { sagaId, step }: Cause): Promise<StuckReport | 'over'> {
  try {
    const { report, unreported: why, closedAt } = await client.describe(sagaId, ANSWER_WITHIN_MS);
    if (closedAt) return 'over';
    if (!report) return unreported(why ?? 'the saga did not answer');
    const stuck = report.steps.filter((each) => each.stuck !== undefined);
    const found = stuck.find(({ name }) => name === step) ?? stuck[0];
    if (found) return reportOf(found, report.deadline);
    // A report of very many steps leaves the last ones out.
    return report.status === 'stuck' ? unreported('the report leaves out the step') : 'over';
  } catch (error) {
    if (error instanceof SagaClientError && error.code === 'SAGA_NOT_FOUND') return 'over';
    // One saga that cannot be read does not hide the others. A server that is away fails the next poll.
    return unreported(error instanceof Error ? error.message : String(error));
  }
}

function reportOf({ stuck, compensation }: LiveStep, deadline: LiveReport['deadline']): StuckReport {
  const { code, message, rounds, retryAt, nested } = stuck as NonNullable<LiveStep['stuck']>;
  return {
    code,
    message: nested === undefined ? message : `the nested saga ${nested} is stuck: ${message}`,
    compensation: compensation !== undefined,
    rounds,
    ...(retryAt !== undefined && { retryAt: Date.parse(retryAt) }),
    ...(deadline?.effect === 'declined' && { declinedAt: deadline.requestedAt }),
  };
}

function unreported(why: string): StuckReport {
  return { message: `no report: ${why}`, compensation: false };
}
