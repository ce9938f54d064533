import type { Client } from '@temporalio/client';
import { isUnknownAttribute, ReportedProblems } from './failing-task';
import { conditionsOf, type SagaFilter } from './list';
import { type SagaState, sagaStates } from './saga-state';
import { countExecutions } from './visibility';

/** How many sagas are in each state. */
export type SagaCounts = Readonly<Record<SagaState, number>>;

const RUNNING = `ExecutionStatus = 'Running'`;
const PARTLY = `SagaStatus = 'PARTLY_COMPENSATED'`;
const NOT_PARTLY = `(SagaStatus IS NULL OR SagaStatus != 'PARTLY_COMPENSATED')`;

/** Conditions of which a saga meets one at most, except those of the running, which may be failing as well. */
const CONDITIONS = {
  unwinding: `${RUNNING} AND SagaStatus = 'UNWINDING'`,
  stuck: `${RUNNING} AND SagaStatus = 'STUCK'`,
  paused: `ExecutionStatus = 'Paused'`,
  completed: `ExecutionStatus = 'Completed' AND ${NOT_PARTLY}`,
  'completed-with-leftovers': `ExecutionStatus = 'Completed' AND ${PARTLY}`,
  compensated: `ExecutionStatus = 'Failed' AND SagaStatus = 'COMPENSATED'`,
  'partly-compensated': `ExecutionStatus IN ('Failed', 'Canceled') AND ${PARTLY}`,
  cancelled: `ExecutionStatus = 'Canceled' AND ${NOT_PARTLY}`,
  failed: `ExecutionStatus = 'Failed' AND (SagaStatus IS NULL OR SagaStatus NOT IN ('COMPENSATED', 'PARTLY_COMPENSATED'))`,
  terminated: `ExecutionStatus = 'Terminated'`,
  'timed-out': `ExecutionStatus = 'TimedOut'`,
} satisfies Partial<Record<SagaState, string>>;

/**
 * How many sagas are in each state, without reading them. States of running sagas are counted one after the other: they add up
 * only while nothing changes.
 */
export async function countSagas(temporal: Client, filter: Omit<SagaFilter, 'state'>): Promise<SagaCounts> {
  const base = conditionsOf(filter);
  const count = async (...conditions: string[]) =>
    await countExecutions(temporal, [...base, ...conditions].map((each) => `(${each})`).join(' AND '));
  const healthy = await hasNoProblemsAttribute(count);
  const counted = await Promise.all(
    Object.entries(CONDITIONS).map(async ([state, condition]) => {
      const running = healthy !== undefined && condition.startsWith(RUNNING) ? [healthy] : [];
      return [state, await count(condition, ...running)] as const;
    }),
  );
  const counts = Object.fromEntries(counted);
  const running = await count(RUNNING);
  const failing = healthy === undefined ? 0 : await count(RUNNING, FAILING);
  const forward = running - failing - (counts.unwinding ?? 0) - (counts.stuck ?? 0);
  const all = { ...counts, 'task-failing': failing, forward: Math.max(forward, 0) };
  return Object.fromEntries(
    sagaStates.map((state) => [state, all[state as keyof typeof all] ?? 0]),
  ) as SagaCounts;
}

const FAILING = `${ReportedProblems.name} IS NOT NULL`;

/** The condition that a saga's workflow task does not fail; undefined for a server before 1.30, which has no attribute for it. */
async function hasNoProblemsAttribute(
  count: (condition: string) => Promise<number>,
): Promise<string | undefined> {
  try {
    await count(FAILING);
    return `${ReportedProblems.name} IS NULL`;
  } catch (error) {
    if (!isUnknownAttribute(error)) throw error;
    return undefined;
  }
}
