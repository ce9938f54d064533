import type { Placement } from '../saga';
import { type Fault, type FaultKind, faultsAt, isBeforePivot, nameOf, type OperationName } from './fault';
import type { SagaTestKit } from './kit';
import type { Observation } from './observation';
import { isNested } from './participants';
import type { SeenOperation } from './seen-operation';
import { declaredName, type SagaUnderTest } from './saga-under-test';

/** One cell of a saga's fault matrix. */
export interface FaultCase {
  readonly name: string;
  /** What brings the saga to the operation where the fault is to strike; none when every run comes there. */
  readonly given: readonly Fault[];
  /** Absent in the case without faults. */
  readonly fault?: Fault;
  /** A second one. */
  readonly also?: Fault;
  /** How the saga ends without the fault. */
  readonly base: Observation;
}

/**
 * Whether a case makes sense in a placement. In an express saga nothing before the pivot is given up as unknown, a cancel
 * waits until no step runs, so it brings the saga to no compensation, and the saga's own actions wait in no task queue.
 */
export function appliesIn(placement: Placement, { fault, given, base }: FaultCase): boolean {
  if (placement !== 'express') return true;
  if (given.some(({ kind }) => kind === 'cancel')) return false;
  const operation = fault && base.operations.get(fault.at);
  const inTask = operation?.call.op === 'do' && operation.kind !== 'read-only' && !isNested(operation);
  return fault?.kind !== 'hanging-action' && !(fault?.kind === 'no-worker' && inTask);
}

/**
 * Finds out what a saga does, and derives its fault matrix. The run without faults shows its actions; a run for each refusal,
 * the pivot's first, shows the compensations and the alternatives behind save-points, and so on from each of those.
 * @param placement in which it is run. The cases of a server that skips time are the same in all of them.
 */
export async function casesOf(
  kit: SagaTestKit,
  saga: SagaUnderTest,
  placement: Placement = 'participants',
): Promise<FaultCase[]> {
  const cases: FaultCase[] = [];
  const known = new Set<OperationName>();

  /** @returns the ways back that are worth a run. */
  function learn({ given, base }: Explored): Explored['given'][] {
    if (given.length === 0) cases.push({ name: 'without faults', given, base });
    const found = [...base.operations.values()].filter(
      ({ name, call }) => call.op !== 'probe' && !known.has(name),
    );
    for (const operation of found) {
      known.add(operation.name);
      if (kit.skipsTime) cases.push(...casesAt(saga, operation, base, given));
      if (kit.resets) cases.push(...resettingCasesAt(kit, operation, base, given));
    }
    if (found.length > 0) cases.push(...casesOfTasks(kit, base, given));
    if (!found.some(({ call }) => call.op === 'do')) return [];
    return waysBack(saga, base, given)
      .filter(({ kind }) => placement !== 'express' || kind !== 'cancel')
      .map((fault) => [...given, fault]);
  }

  // All of one length at once: between runs the server's clock leaps, and it does not go very far.
  let next: Explored['given'][] = [[]];
  while (next.length > 0) {
    const explored = await Promise.all(
      next.map(async (given) => ({ given, base: await kit.run(saga, { faults: given, placement }) })),
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

/** Whether a participant may refuse an operation. */
export function canRefuse(saga: SagaUnderTest, { call, kind }: SeenOperation): boolean {
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
    hasDeadline: saga.definition.deadline !== undefined,
  });
  return kinds.map((one) => caseOf({ kind: one, at: name }, base, given));
}

function caseOf(fault: Fault, base: Observation, given: readonly Fault[]): FaultCase {
  const after = given.map((one) => `, after ${nameOf(one)}`).join('');
  return { name: `${nameOf(fault)}${after}`, given, fault, base };
}

/** While the operation is in flight the saga, and the one that it is one of, are reset to the first and to the last of their workflow tasks. */
function resettingCasesAt(
  { skipsTime }: SagaTestKit,
  { name, workflowId }: SeenOperation,
  base: Observation,
  given: readonly Fault[],
): FaultCase[] {
  const own = workflowId.slice(base.sagaId.length);
  const resets = [...new Set(['', own])].flatMap((workflow) =>
    [0, -1].map((task): Fault => ({ kind: 'reset', at: name, to: { workflow, task } })),
  );
  // What reverses a nested saga waits for a worker as long as any saga does by default: too long for a real clock.
  const waitsLong = !skipsTime && own.endsWith('-reverse');
  const faults: Fault[] = waitsLong ? resets : [{ kind: 'no-worker', at: name }, ...resets];
  return faults.map((fault) => caseOf(fault, base, given));
}

/**
 * Each workflow task of a saga, and of each that was nested in it, is lost with its worker; when the saga is over, it is reset to
 * each of them.
 */
function casesOfTasks(kit: SagaTestKit, base: Observation, given: readonly Fault[]): FaultCase[] {
  const kinds = [
    ...(kit.losesTasks ? (['lost-task'] as const) : []),
    ...(kit.resets ? (['reset-when-over'] as const) : []),
  ];
  const at = [...base.operations.keys()].at(-1);
  if (at === undefined) return [];
  return [...base.tasks].flatMap(([workflow, count]) =>
    Array.from({ length: count }, (_, task) =>
      kinds.map((kind) => caseOf({ kind, at, to: { workflow, task } }, base, given)),
    ).flat(),
  );
}
