import type { Stack } from '../../dev/stack';
import type { SagaReport, StepState } from '../../src/saga';
import type { InvariantReport } from '../../services/invariants';
import { printableJson, reasonOf, table } from '../../src/cli';
import type { PlacedOrder } from './place-orders';

/** The result of `npm start`. */
export interface StartResult {
  readonly stack: Pick<Stack, 'address' | 'namespace' | 'uiUrl'>;
  readonly orders: readonly PlacedOrder[];
  readonly invariants: InvariantReport;
  /** Whether every saga has ended all done or all undone, and every invariant holds. */
  readonly ok: boolean;
}

/** The result as one JSON document. */
export function asJson({ stack, orders, invariants, ok }: StartResult): string {
  const { address, namespace, uiUrl } = stack;
  const placed = orders.map(({ orderId, sagaId, outcome, report }) => ({
    orderId,
    workflowId: sagaId,
    status: outcome.kind,
    reason: reasonOf(outcome) ?? null,
    ...(outcome.kind === 'completed' && { receipt: outcome.result }),
    steps: report.steps,
    ...(uiUrl && { url: linkTo(stack, sagaId) }),
  }));
  return printableJson({ ok, temporal: { address, namespace, uiUrl }, orders: placed, invariants }, 2);
}

/**
 * The result as tables.
 * @param links whether to print links as terminal hyperlinks.
 */
export function asText({ stack, orders, invariants }: StartResult, links: boolean): string {
  const placed = orders.map(({ orderId, sagaId, outcome, report }) => {
    const url = linkTo(stack, sagaId);
    const link = links ? { content: sagaId, href: url } : url;
    return [orderId, outcome.kind, reasonOf(outcome) ?? '', countSteps(report), link];
  });
  const checks = invariants.map(({ name, holds, checked }) => [name, holds ? 'yes' : 'NO', checked]);
  const violations = invariants.flatMap(({ name, violations }) =>
    violations.map((each) => `${name}: ${each}`),
  );
  return [
    table(['Order', 'Status', 'Reason', 'Steps', 'Saga in the Web UI'], placed),
    table(['Invariant', 'Holds', 'Checked'], checks),
    ...violations,
  ].join('\n');
}

function linkTo({ uiUrl, namespace }: StartResult['stack'], sagaId: string): string {
  return uiUrl ? `${uiUrl}/namespaces/${namespace}/workflows/${encodeURIComponent(sagaId)}` : sagaId;
}

const words: Partial<Record<StepState, string>> = { succeeded: 'done', compensated: 'undone' };

function countSteps({ steps }: SagaReport): string {
  const counts = new Map<string, number>();
  for (const { state } of steps) {
    const word = words[state] ?? state;
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return [...counts].map(([word, count]) => `${count} ${word}`).join(', ');
}
