import type { StuckPolicy } from './definition';

/** The memo by which the start records the policy, so that a rescue finds it where there is only a history. */
const POLICY = 'SagaStuckPolicy';

/** The memo to start a saga with. Not written when the definition declares no policy (S15). */
export function policyMemo(policy: StuckPolicy | undefined): Record<string, StuckPolicy> {
  return declared(policy) ? { [POLICY]: policy } : {};
}

/** The policy that a saga was started with, if its definition declared one. */
export function recordedPolicy(memo: Record<string, unknown> | undefined): StuckPolicy | undefined {
  return memo?.[POLICY] as StuckPolicy | undefined;
}

/** Whether a definition says anything about stuck operations. */
export function declared(policy: StuckPolicy | undefined): policy is StuckPolicy {
  return policy !== undefined && Object.keys(policy).length > 0;
}
