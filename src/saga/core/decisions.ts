/** Who decides, and why: kept in the report and in the history. */
export interface Signature {
  readonly actor: string;
  readonly reason: string;
  /** Where it is tracked elsewhere. */
  readonly ticket?: string;
}

/** A decision about a stuck step. */
export interface DeskDecision extends Signature {
  /** The step as the report names it. */
  readonly step: string;
}

/** Tries a stuck operation again, now, maybe with a corrected input. */
export interface RetryDecision extends DeskDecision {
  /** With it, the next round runs on this input instead: the action's input, also where its compensation is stuck. */
  readonly input?: unknown;
  /** For a compensation: with it, the next round is given this as what the action answered (B9). */
  readonly output?: unknown;
}

/** Says that an operator has done by hand what a stuck operation would have done. */
export interface ResolveDecision extends DeskDecision {
  /** What the action would have answered; the body gets it. Needed for an action, refused for a compensation. */
  readonly output?: unknown;
}

/** One act of an operator, as the report keeps it. */
export interface DeskAct extends Signature {
  readonly verb: 'retry' | 'resolve' | 'propose-skip' | 'skip' | 'abandon';
  readonly step?: string;
  /** Whether the step got another input, or its compensation another output. */
  readonly corrected?: boolean;
  readonly at: string;
  /** Present when nothing came of it: the operation got through by itself before the decision was used. */
  declined?: boolean;
}
