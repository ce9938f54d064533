import type { StuckPolicy } from '../../src/saga';

/** A saga body as data, so that a test says in one line what its saga does. Interpreted by `program-workflow.ts`. */
export type Program =
  /** A `final-pivot` has no compensation; a `probed` step can be asked whether it happened; a `read` has no effect. */
  | {
      readonly do: 'run' | 'probed' | 'read' | 'irreversible' | 'pivot' | 'final-pivot' | 'retriable';
      readonly step: string;
    }
  | { readonly do: 'seq' | 'par'; readonly parts: readonly Program[] }
  /** Goes on when the part fails. */
  | { readonly do: 'attempt'; readonly part: Program }
  | { readonly do: 'reach'; readonly milestone: string }
  /** Behind a save-point: the next alternative runs when the one before it failed and is undone. */
  | { readonly do: 'savePoint'; readonly alternatives: readonly [Program, ...Program[]] }
  /** Another program as a saga of its own (S10). */
  | { readonly do: 'nested'; readonly step: string; readonly part: Program }
  /** A saga whose definition says this about stuck operations. */
  | { readonly do: 'declared'; readonly stuck: StuckPolicy; readonly part: Program }
  /** Starts the part and does not wait for it. */
  | { readonly do: 'fork'; readonly part: Program }
  /** Waits for the signal of this name. */
  | { readonly do: 'wait'; readonly signal: string }
  /** Waits until a question is answered, by an Update or a signal, and goes the way of the answer; or `late`, after an hour. */
  | {
      readonly do: 'ask';
      readonly question: string;
      readonly ways: Readonly<Record<string, Program>>;
      readonly late: Program;
    }
  /** Goes one way if the question is answered by now, and another way if it is not. */
  | { readonly do: 'look'; readonly question: string; readonly answered: Program; readonly not: Program }
  /** The body fails with this error. */
  | { readonly do: 'throw'; readonly error: 'TypeError' | 'NO' };

export const run = (step: string): Program => ({ do: 'run', step });
export const probed = (step: string): Program => ({ do: 'probed', step });
export const read = (step: string): Program => ({ do: 'read', step });
export const irreversible = (step: string): Program => ({ do: 'irreversible', step });
export const pivot = (step: string): Program => ({ do: 'pivot', step });
export const finalPivot = (step: string): Program => ({ do: 'final-pivot', step });
export const retriable = (step: string): Program => ({ do: 'retriable', step });
export const seq = (...parts: Program[]): Program => ({ do: 'seq', parts });
export const par = (...parts: Program[]): Program => ({ do: 'par', parts });
export const attempt = (part: Program): Program => ({ do: 'attempt', part });
export const savePoint = (...alternatives: [Program, ...Program[]]): Program => ({
  do: 'savePoint',
  alternatives,
});
export const nested = (step: string, part: Program): Program => ({ do: 'nested', step, part });
export const declared = (stuck: StuckPolicy, part: Program): Program => ({ do: 'declared', stuck, part });
export const fork = (part: Program): Program => ({ do: 'fork', part });
export const reach = (milestone: string): Program => ({ do: 'reach', milestone });
export const wait = (signal: string): Program => ({ do: 'wait', signal });
export const ask = (question: string, ways: Readonly<Record<string, Program>>, late: Program): Program => ({
  do: 'ask',
  question,
  ways,
  late,
});
export const look = (question: string, answered: Program, not: Program): Program => ({
  do: 'look',
  question,
  answered,
  not,
});
export const fail = (error: 'TypeError' | 'NO'): Program => ({ do: 'throw', error });
