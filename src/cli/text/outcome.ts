import type { SagaOutcome } from '../../client';

/** Why a saga did not complete; for a stuck saga, the step. */
export function reasonOf(outcome: SagaOutcome<unknown>): string | undefined {
  if (outcome.kind === 'stuck') return `at ${outcome.step}`;
  if (outcome.kind === 'cancelled') return 'CANCELLED';
  return 'reason' in outcome ? outcome.reason.code : undefined;
}

export function outcomeText(sagaId: string, outcome: SagaOutcome<unknown>): string {
  const lines = [`${sagaId} is ${outcome.kind}`];
  if (outcome.kind === 'stuck') lines.push(`  stuck step: ${outcome.step}`);
  if ('reason' in outcome) lines.push(`  reason: ${outcome.reason.code}: ${outcome.reason.message}`);
  if (outcome.kind === 'completed') {
    lines.push(`  ${JSON.stringify(outcome.result)}`);
    if (outcome.effectsRemain) lines.push('  an effect remains that had to be undone: see the report');
  }
  return lines.join('\n');
}
