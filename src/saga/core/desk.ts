import { rejection } from './failures';
import { instant } from './instant';
import type { Entry } from './entry';
import { jsonBytes, MAX_PAYLOAD_BYTES } from './payload-size';

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

/** What an operator gave another value for, each present only then. */
export interface Corrections {
  readonly input?: unknown;
  readonly output?: unknown;
}

/** What the loop of a stuck operation is told. */
export type Verdict =
  | { readonly verb: 'retry'; readonly corrections: Corrections }
  | { readonly verb: 'resolve'; readonly output: unknown }
  | { readonly verb: 'skip' };

/** A skip that waits for another operator to confirm it. */
interface Proposal {
  readonly actor: string;
  readonly madeAt: number;
}

/** After it a proposal counts no longer, and the next skip is a new one. */
const PROPOSAL_MS = 24 * 3_600_000;

/**
 * What an operator can do to a stuck saga (S6). A decision that makes no sense now is rejected by a validator and
 * leaves no trace; an accepted one is in the report for good. A decision, or a proposal, belongs to the operation that is
 * stuck: it ends with it, and decides nothing about a later operation of the same step.
 */
export class Desk {
  readonly acts: DeskAct[] = [];
  private readonly verdicts = new Map<string, { readonly verdict: Verdict; readonly act: DeskAct }>();
  private readonly proposals = new Map<string, Proposal>();

  /**
   * @param find the entry of a step's name.
   * @param skipNeedsTwo whether another operator must confirm a skip.
   */
  constructor(
    private readonly find: (step: string) => Entry | undefined,
    private readonly skipNeedsTwo: boolean,
  ) {}

  hasVerdict(entry: Entry): boolean {
    return this.verdicts.has(entry.id);
  }

  /** The decision about the operation of an entry that is stuck, once. */
  takeVerdict(entry: Entry): Verdict | undefined {
    const decided = this.verdicts.get(entry.id);
    this.verdicts.delete(entry.id);
    return decided?.verdict;
  }

  /** The operation got through: what was decided about it and not used is declined. */
  close(entry: Entry): void {
    const unused = this.verdicts.get(entry.id);
    if (unused) unused.act.declined = true;
    this.verdicts.delete(entry.id);
    this.proposals.delete(entry.id);
  }

  retry(decision: RetryDecision): DeskAct {
    const corrections: Corrections = {
      ...('input' in decision && { input: decision.input }),
      ...('output' in decision && { output: decision.output }),
    };
    const corrected = Object.keys(corrections).length > 0;
    const verdict: Verdict = { verb: 'retry', corrections };
    return this.decide(decision.step, verdict, this.record('retry', decision, { corrected }));
  }

  resolve(decision: ResolveDecision): DeskAct {
    const verdict: Verdict = { verb: 'resolve', output: decision.output };
    return this.decide(decision.step, verdict, this.record('resolve', decision));
  }

  skip(decision: DeskDecision): DeskAct {
    const { step, actor } = decision;
    if (this.skipNeedsTwo && !this.proposalFor(step)) {
      this.proposals.set(step, { actor, madeAt: Date.now() });
      return this.record('propose-skip', decision);
    }
    return this.decide(step, { verb: 'skip' }, this.record('skip', decision));
  }

  abandon(signature: Signature): DeskAct {
    return this.record('abandon', signature);
  }

  /** @throws ApplicationFailure `DESK_INVALID`, `DESK_NOT_STUCK`, `DESK_NESTED`, `DESK_DECIDED` */
  checkRetry(decision: RetryDecision): void {
    const { stuck } = this.stuckEntry(decision);
    checkSize('input', decision.input);
    checkSize('output', decision.output);
    if (stuck.op === 'do' && 'output' in decision)
      throw rejection('DESK_INVALID', 'output can be corrected for a compensation only');
  }

  /** @throws ApplicationFailure as {@link checkRetry} */
  checkResolve(decision: ResolveDecision): void {
    const { stuck } = this.stuckEntry(decision);
    checkSize('output', decision.output);
    const hasOutput = 'output' in decision;
    if (stuck.op === 'do' && !hasOutput) {
      throw rejection('DESK_INVALID', 'output must say what the action would have answered; it may be null');
    }
    if (stuck.op === 'undo' && hasOutput) {
      throw rejection('DESK_INVALID', 'output makes no sense for a compensation');
    }
  }

  /** @throws ApplicationFailure as {@link checkRetry}; `DESK_NOT_POSSIBLE`, `DESK_SAME_ACTOR` */
  checkSkip(decision: DeskDecision): void {
    const { entry, stuck } = this.stuckEntry(decision);
    if (stuck.op === 'do') {
      throw rejection(
        'DESK_NOT_POSSIBLE',
        `${entry.id} is a ${entry.step.kind} step: it must be done; retry it, or do it by hand and resolve it`,
      );
    }
    const proposed = this.proposalFor(decision.step);
    if (proposed !== undefined && isSameActor(proposed.actor, decision.actor)) {
      throw rejection(
        'DESK_SAME_ACTOR',
        `${decision.actor} has proposed the skip; another actor must confirm it`,
      );
    }
  }

  private decide(step: string, verdict: Verdict, act: DeskAct): DeskAct {
    this.verdicts.set(step, { verdict, act });
    this.proposals.delete(step);
    return act;
  }

  private proposalFor(step: string): Proposal | undefined {
    const proposal = this.proposals.get(step);
    return proposal && Date.now() - proposal.madeAt < PROPOSAL_MS ? proposal : undefined;
  }

  private stuckEntry(decision: DeskDecision) {
    checkSignature(decision);
    const entry = typeof decision.step === 'string' ? this.find(decision.step) : undefined;
    if (!entry)
      throw rejection(
        'DESK_INVALID',
        `step must name a step of this saga, got ${JSON.stringify(decision.step)}`,
      );
    if (!entry.stuck) throw rejection('DESK_NOT_STUCK', `${entry.id} is not stuck`);
    const { nested } = entry.stuck;
    if (nested !== undefined)
      throw rejection(
        'DESK_NESTED',
        `${entry.id} is a saga that is stuck itself: decide at the desk of ${nested}`,
      );
    if (this.hasVerdict(entry)) throw rejection('DESK_DECIDED', `${entry.id} has just been decided`);
    return { entry, stuck: entry.stuck };
  }

  private record(
    verb: DeskAct['verb'],
    { actor, reason, ticket, step }: Signature & { readonly step?: string },
    { corrected = false } = {},
  ): DeskAct {
    const act: DeskAct = {
      verb,
      ...(step !== undefined && { step }),
      actor,
      reason,
      ...(ticket !== undefined && { ticket }),
      ...(corrected && { corrected }),
      at: instant(Date.now()),
    };
    this.acts.push(act);
    return act;
  }
}

/** Whether two names are written for one person: case, spaces, how a letter is composed and what is invisible do not count. */
function isSameActor(one: string, other: string): boolean {
  return plainName(one) === plainName(other);
}

function plainName(actor: string): string {
  return actor
    .normalize('NFC')
    .replace(/\p{Cf}/gu, '')
    .replace(/\s+/g, ' ')
    .trim()
    .toLowerCase();
}

function checkSize(field: string, value: unknown): void {
  const bytes = jsonBytes(value);
  if (bytes <= MAX_PAYLOAD_BYTES) return;
  throw rejection('DESK_INVALID', `${field} has ${bytes} bytes as JSON, and may have ${MAX_PAYLOAD_BYTES}`);
}

/** In UTF-16 units. All of it is kept in the report, which must fit into what a saga closes with. */
const MAX_LENGTHS = { actor: 200, reason: 2_000, ticket: 200 };

/** @throws ApplicationFailure `DESK_INVALID`: who decides and why must be said. */
export function checkSignature(signature: Partial<Signature> | undefined): void {
  for (const [field, max] of Object.entries(MAX_LENGTHS)) {
    const value = signature?.[field as keyof Signature] as unknown;
    if (field === 'ticket' && value === undefined) continue;
    if (typeof value === 'string' && value.trim() !== '' && value.length <= max) continue;
    throw rejection('DESK_INVALID', `${field} must be a text of 1 to ${max} characters`);
  }
}
