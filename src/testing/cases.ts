import type { Placement } from '../saga';
import { type Fault, type FaultKind, faultsAt, isBeforePivot, nameOf, type OperationName } from './fault';
import type { SagaTestKit } from './kit';
import type { Observation } from './observation';
import { declaredName, type SeenOperation } from './participants';
import type { SagaUnderTest } from './saga-under-test';

/** One cell of a saga's fault matrix. */
export interface FaultCase {
  readonly name: string;
  /** What brings the saga to the operation where the fault is to strike; none when every run comes there. */
  readonly given: readonly Fault[];
  /** Absent in the golden case. */
  readonly fault?: Fault;
  /** How the saga ends without the fault. */
  readonly base: Observation;
}

/**
 * Whether a case makes sense in a placement. In an express saga nothing before the pivot is given up as unknown, and a
 * cancel waits until no step runs, so it brings the saga to no compensation.
 */
export function appliesIn(placement: Placement, { fault, given }: FaultCase): boolean {
  if (placement !== 'express') return true;
  return fault?.kind !== 'hanging-action' && !given.some(({ kind }) => kind === 'cancel');
}

/**
 * Finds out what a saga does, and derives its fault matrix. The golden run shows its actions; a run for each refusal,
 * the pivot's first, shows the compensations and the alternatives behind save-points, and so on from each of those.
 */
export async function casesOf(kit: SagaTestKit, saga: SagaUnderTest): Promise<FaultCase[]> {
  const cases: FaultCase[] = [];
  const known = new Set<OperationName>();

  /** @returns the ways back that are worth a run. */
  function learn({ given, base }: Explored): Explored['given'][] {
    if (given.length === 0) cases.push({ name: 'golden', given, base });
    const found = [...base.operations.values()].filter(
      ({ name, call }) => call.op !== 'probe' && !known.has(name),
    );
    for (const operation of found) {
      known.add(operation.name);
      cases.push(...casesAt(saga, operation, base, given));
    }
    if (!found.some(({ call }) => call.op === 'do')) return [];
    return waysBack(saga, base, given).map((fault) => [...given, fault]);
  }

  // All of one length at once: between runs the server's clock leaps, and it does not go very far.
  let next: Explored['given'][] = [[]];
  while (next.length > 0) {
    const explored = await Promise.all(
      next.map(async (given) => ({ given, base: await kit.run(saga, { faults: given }) })),
    );
    next = explored.flatMap(learn);
  }
  return cases;
}

interface Explored {
  readonly given: readonly Fault[];
  readonly base: Observation;
}

/** The faults that make the saga unwind, the latest first; a cancel last, since not every saga can be refused. */
function waysBack(saga: SagaUnderTest, { operations }: Observation, given: readonly Fault[]): Fault[] {
  const actions = [...operations.values()]
    .filter(({ name, call }) => call.op === 'do' && !given.some(({ at }) => at === name))
    .reverse();
  const refusals = actions.filter((action) => canRefuse(saga, action)).map(faultAt('refused'));
  const cancels = actions.filter(({ kind }) => isBeforePivot(kind)).map(faultAt('cancel'));
  return [...refusals, ...cancels.slice(0, 1)];
}

const faultAt =
  (kind: FaultKind) =>
  ({ name }: SeenOperation): Fault => ({ kind, at: name });

function canRefuse(saga: SagaUnderTest, { call, kind }: SeenOperation): boolean {
  const declared = saga.steps.find(({ name }) => name === declaredName(call.step));
  return kind !== 'retriable' && (declared?.refusals.length ?? 0) > 0;
}

function casesAt(
  saga: SagaUnderTest,
  operation: SeenOperation,
  base: Observation,
  given: readonly Fault[],
): FaultCase[] {
  const { name, call, kind } = operation;
  const kinds = faultsAt({
    op: call.op,
    kind,
    hasCompensation: call.compensation !== undefined,
    canRefuse: canRefuse(saga, operation),
    hasDeadline: saga.definition.deadlineMs !== undefined,
  });
  const after = given.map((one) => `, after ${nameOf(one)}`).join('');
  return kinds.map((one): FaultCase => {
    const fault: Fault = { kind: one, at: name };
    return { name: `${nameOf(fault)}${after}`, given, fault, base };
  });
}
