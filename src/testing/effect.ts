import type { Operation } from '../saga';

/** A business effect. */
export interface Effect {
  readonly op: Operation;
  readonly step: string;
  readonly input: unknown;
  /** The action's answer; of an effect that is undone, the one it had. */
  readonly output: unknown;
  /** Of an effect that is undone: why, as the participant was told. */
  readonly reason?: string;
}

/** The steps whose effects remain at the end, in the order of their names. */
export function remainingSteps(effects: readonly Effect[]): string[] {
  const steps = new Set<string>();
  for (const { op, step } of effects) {
    if (op === 'do') steps.add(step);
    else steps.delete(step);
  }
  return [...steps].sort();
}

/** The step of the saga itself: of `book-stay.book-room`, `book-stay`. */
export function outermostStep(step: string): string {
  return step.replace(/\..*$/, '');
}
