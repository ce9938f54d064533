import type { StuckPolicy } from './stuck-policy';

/**
 * Where a saga's steps run. What they mean and every rule are the same; the price differs.
 * - `participants`: on each participant's own task queue. Services are deployed, scaled and limited apart.
 * - `saga-queue`: on the saga's own task queue, whose workers then host the activities of all participants. The
 *   server hands a step to the worker that asked for it at once (*eager*).
 * - `express`: actions inside the workflow task, as local activities; reads, compensations and long actions on the saga's queue. The
 *   fewest persisted state transitions. An interruption waits until no step runs, steps that run at once are answered
 *   together, and a step is tried until its outcome is known; what was in progress when the saga is terminated is in no history, only in the participants' records.
 */
export type Placement = 'participants' | 'saga-queue' | 'express';

/** All placements, as settings name them. */
export const placements: readonly Placement[] = ['participants', 'saga-queue', 'express'];

/** The memo by which the start records the placement, so that a replay agrees whatever is configured since. */
const PLACEMENT = 'SagaPlacement';

/** The memo to start a saga with. The default is not written (S15). */
export function placementMemo(placement: Placement | undefined): Record<string, Placement> {
  return placement && placement !== 'participants' ? { [PLACEMENT]: placement } : {};
}

/** The placement that a running saga was started with. */
export function recordedPlacement(memo: Record<string, unknown> | undefined): Placement {
  const recorded = memo?.[PLACEMENT];
  return placements.find((placement) => placement === recorded) ?? 'participants';
}

/** Whether the saga runs its steps inside workflow tasks. Not known yet when the workflow is loaded: the memo comes with its first task. */
export function isExpress(memo: Record<string, unknown> | undefined): boolean {
  return recordedPlacement(memo) === 'express';
}

/** The memo by which the start records the policy, so that a rescue finds it where there is only a history. */
const POLICY = 'SagaStuckPolicy';

/** The memo to start a saga with. Not written when the definition declares no policy (S15). */
export function policyMemo(policy: StuckPolicy | undefined): Record<string, StuckPolicy> {
  return isDeclared(policy) ? { [POLICY]: policy } : {};
}

/** The policy that a saga was started with, if its definition declared one. */
export function recordedPolicy(memo: Record<string, unknown> | undefined): StuckPolicy | undefined {
  return memo?.[POLICY] as StuckPolicy | undefined;
}

/** Whether a definition says anything about stuck operations. */
export function isDeclared(policy: StuckPolicy | undefined): policy is StuckPolicy {
  return policy !== undefined && Object.keys(policy).length > 0;
}
