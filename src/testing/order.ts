import type { Observation } from './observation';
import type { SeenOperation } from './seen-operation';

/**
 * What in a saga's operations breaks the order of an unwinding (S3), as far as participants can tell:
 * - no action arrives or is under way once the last unwinding has begun;
 * - a compensation waits for those of all steps that began after its own action had settled.
 *
 * The second holds within one unwinding. The actions between two unwindings of save-points separate them. A step
 * whose outcome is unknown and that others follow is undone by itself, before the pivot (S9).
 */
export function findWrongOrder(run: Observation): string[] {
  const all = [...run.operations.values()];
  return [...new Set(all.map(({ call }) => call.sagaId))].flatMap((sagaId) => {
    const inside = all.filter(({ call }) => isIn(call.sagaId, sagaId));
    const actions = inside.filter(({ call }) => call.op === 'do');
    const undos = inside.filter(({ call }) => call.op === 'undo' && call.sagaId === sagaId);
    const reported = sagaId === run.sagaId ? (run.report?.steps ?? []) : [];
    const steps = reported.map(({ name }) => name);
    const failed = new Set(reported.filter(({ failure }) => failure).map(({ name }) => name));
    return [
      ...undos.flatMap((undo) => findUndoDuringActions(undo, actions)),
      ...findUndoOutOfOrder(sagaId, actions, undos, steps, failed),
    ];
  });
}

/** Whether a saga is another one, or nested in it. */
function isIn(sagaId: string, outer: string): boolean {
  return sagaId === outer || sagaId.startsWith(`${outer}.`);
}

/** Only of an unwinding that no action follows: while a save-point unwinds, the rest of the saga goes on. */
function findUndoDuringActions(undo: SeenOperation, actions: readonly SeenOperation[]): string[] {
  if (actions.some(({ arrived }) => arrived > undo.arrived)) return [];
  return actions
    .filter(({ ended = Infinity }) => ended > undo.arrived)
    .map(({ name }) => `S3: ${undo.name} began while ${name} was in flight`);
}

function findUndoOutOfOrder(
  sagaId: string,
  actions: readonly SeenOperation[],
  undos: readonly SeenOperation[],
  steps: readonly string[],
  failed: ReadonlySet<string>,
): string[] {
  const undoOf = (action: SeenOperation) => undos.find(({ step }) => step === action.step);
  const own = actions.filter(({ call }) => call.sagaId === sagaId);
  const seen = new Set(own.map(({ step }) => step));
  const isNested = (step: string) => actions.some(({ call }) => isIn(call.sagaId, `${sagaId}.${step}`));
  const begun = new Set([...steps, ...undos.map(({ step }) => step)]);
  const unseen = [...begun].filter((step) => !seen.has(step) && !isNested(step));
  return own.flatMap((later) =>
    hasSettledBefore(later, own, actions, unseen.length).flatMap((earlier) => {
      const first = undoOf(later);
      const second = undoOf(earlier);
      if (!first || !second || failed.has(earlier.step)) return [];
      if (!isInOneUnwinding(first, second, actions)) return [];
      if ((first.ended ?? Infinity) < second.arrived) return [];
      return [`S3: ${second.name} did not wait for ${first.name}`];
    }),
  );
}

function isInOneUnwinding(a: SeenOperation, b: SeenOperation, actions: readonly SeenOperation[]): boolean {
  const from = Math.min(a.arrived, b.arrived);
  const to = Math.max(a.arrived, b.arrived);
  return !actions.some(({ arrived, ended = Infinity }) => arrived < to && ended > from);
}

/**
 * The actions that the saga knew to have settled when it began another. A saga's logical clock ticks whenever an
 * action begins or settles, and a call tells its own beginning: the ticks before it that are no beginnings are
 * settlements. Whose they were is certain only if there are as many as actions that can have settled. A saga that is a
 * step ticks at most twice, and the participants see only what is inside it.
 *
 * @param unseen how many actions began without arriving: two of those ticks may be of each of them
 */
function hasSettledBefore(
  later: SeenOperation,
  own: readonly SeenOperation[],
  actions: readonly SeenOperation[],
  unseen: number,
): readonly SeenOperation[] {
  const began = later.call.began;
  if (began === undefined) return [];
  const before = own.filter(({ call }) => call.began !== undefined && call.began < began);
  const inside = actions.filter((one) => !own.includes(one) && one.arrived < later.arrived);
  const nested = new Set(inside.map(({ call }) => call.sagaId));
  const settlements = began - 1 - before.length - 2 * (nested.size + unseen);
  const ended = before.filter((action) => (action.ended ?? Infinity) < later.arrived);
  return ended.length <= settlements ? ended : [];
}
