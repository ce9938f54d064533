import type { StepReport } from '../saga';

/** A step that began after another one had settled, by their places in a report. */
export interface FlowEdge {
  readonly from: number;
  readonly to: number;
}

/** How a saga went from step to step. Edges that follow from others are left out. */
export function flowOf(steps: readonly StepReport[]): FlowEdge[] {
  return steps.flatMap((_, to) => predecessorsOf(steps, to).map((from) => ({ from, to })));
}

/** The steps after which one began, without those that are before another one of these. */
function predecessorsOf(steps: readonly StepReport[], index: number): number[] {
  const before = steps.flatMap((step, from) => (isBefore(step, steps[index]) ? [from] : []));
  return before.filter((from) => !before.some((other) => isBefore(steps[from], steps[other])));
}

function isBefore(first: StepReport | undefined, second: StepReport | undefined): boolean {
  if (!first || !second || first === second || first.settledAt === undefined) return false;
  return first.settledAt <= second.startedAt && first.startedAt < second.startedAt;
}

/** The step's name without the number of its run: the seventh run of a step in a loop is the same step. */
export function stepName(name: string): string {
  return name.replace(/#\d+$/, '');
}
