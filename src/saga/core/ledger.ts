import { engineFailure, type Failure } from './failures';
import { hasFailed, isWithin, type SavePoint } from './save-point';
import { describeBy } from './snapshot';
import type { Probed } from '../call';
import type { AnyStep } from '../step';

/** How an action ended (S2). Only *succeeded* and *unknown* leave something to undo. */
export type Outcome =
  | { readonly kind: 'succeeded'; readonly output: unknown }
  | { readonly kind: 'refused'; readonly failure: Failure }
  | { readonly kind: 'unknown'; readonly failure: Failure };

/** A compensation of an entry, from its first attempt on. */
export interface Undoing {
  readonly startedAt: number;
  endedAt?: number;
  /** An operator chose to leave the action's effect standing. */
  skipped?: boolean;
}

/** An operation that used up a round, and waits to be tried again. */
export interface Stuck {
  readonly op: 'do' | 'undo';
  readonly since: number;
  readonly rounds: number;
  readonly failure: Failure;
  /** When the next round begins by itself, in epoch milliseconds. */
  readonly retryAt?: number;
  /** The nested saga that is stuck: it is for that saga's desk. */
  readonly nested?: string;
}

/** One run of one step in one saga. */
export interface Entry {
  /** The step's name; from the second run of the same step on, `name#2`, `name#3`, … */
  readonly id: string;
  /** The saga whose keys its calls carry, where that is not this workflow: in a rescue (S13). */
  readonly sagaId?: string;
  readonly step: AnyStep;
  /** As it was sent. Changes only when an operator corrects it: see {@link Ledger.correct}. */
  input: unknown;
  /** What people are shown beside the step. */
  summary?: string;
  corrected?: boolean;
  /** The innermost save-point it began in. */
  readonly savePoint?: SavePoint;
  /** Position on the saga's logical clock, which ticks whenever an action begins or settles. */
  readonly began: number;
  settled?: number;
  readonly startedAt: number;
  settledAt?: number;
  outcome?: Outcome;
  undoing?: Undoing;
  stuck?: Stuck;
  /** It is a nested saga, of which something stands for good. */
  leaves?: boolean;
}

/**
 * What a saga has done, in the order in which it happened: its compensation stack and the source of its
 * report. A plain state machine: it knows no Temporal, calls nothing and decides only *what may be undone
 * now* (S3), so it can be explored without a server.
 *
 * The order generalises Garcia-Molina & Salem's reverse order to steps that overlap (SIGMOD 1987, §7,
 * parallel sagas): an entry waits for the entries that began after it had settled, and for no others.
 */
export class Ledger {
  readonly entries: Entry[] = [];
  private readonly savePoints: SavePoint[] = [];
  private readonly runs = new Map<string, number>();
  private clock = 0;

  /** @param now the time in epoch milliseconds, for the report only. */
  constructor(private readonly now: () => number) {}

  /** S1: puts the step on the stack. To be called before its action is. @param input a copy that nobody changes. */
  begin(step: AnyStep, input: unknown, savePoint?: SavePoint): Entry {
    const summary = describeBy(step.summary, input);
    const run = (this.runs.get(step.name) ?? 0) + 1;
    this.runs.set(step.name, run);
    const id = run === 1 ? step.name : `${step.name}#${run}`;
    const entry: Entry = {
      id,
      step,
      input,
      ...(summary !== undefined && { summary }),
      ...(savePoint && { savePoint }),
      began: ++this.clock,
      startedAt: this.now(),
    };
    this.entries.push(entry);
    return entry;
  }

  /** S9: what begins from now on in this save-point is undone by itself if its body fails. */
  setSavePoint(within?: SavePoint): SavePoint {
    const savePoint: SavePoint = { ...(within && { within }), failed: false, ended: false };
    this.savePoints.push(savePoint);
    return savePoint;
  }

  /** S6: an operator has given the next round another input. */
  correct(entry: Entry, input: unknown): void {
    entry.input = input;
    entry.corrected = true;
    const summary = describeBy(entry.step.summary, input);
    if (summary !== undefined) entry.summary = summary;
  }

  settle(entry: Entry, outcome: Outcome): void {
    entry.outcome = outcome;
    entry.settled = ++this.clock;
    entry.settledAt = this.now();
  }

  beginUndo(entry: Entry): void {
    entry.undoing = { startedAt: this.now() };
  }

  endUndo(entry: Entry, skipped = false): void {
    if (!entry.undoing) return;
    entry.undoing.endedAt = this.now();
    if (skipped) entry.undoing.skipped = true;
  }

  /**
   * @param failure of the round that was used up.
   * @param retryAt when the next round begins by itself, in epoch milliseconds.
   */
  stuck(entry: Entry, op: 'do' | 'undo', failure: Failure, retryAt?: number): void {
    const { since = this.now(), rounds = 0 } = entry.stuck ?? {};
    entry.stuck = { op, since, rounds: rounds + 1, failure, ...(retryAt !== undefined && { retryAt }) };
  }

  /** S10: a nested saga says how it stands. Without a failure it is not stuck any more. */
  nestedStuck(entry: Entry, nested: string, failure?: Failure): void {
    if (entry.stuck && entry.stuck.nested !== nested) return;
    delete entry.stuck;
    if (!failure) return;
    entry.stuck = { op: entry.undoing ? 'undo' : 'do', since: this.now(), rounds: 1, failure, nested };
  }

  /** What a probe found out about an unknown outcome before its compensation; that is not needed after a `no`. */
  probed(entry: Entry, probed: Probed<unknown>): void {
    if (probed.happened === 'yes') entry.outcome = { kind: 'succeeded', output: probed.output };
    if (probed.happened !== 'no') return;
    entry.outcome = { kind: 'refused', failure: NEVER_HAPPENED };
    delete entry.undoing;
  }

  /** The first entry that is stuck, if any is. */
  get firstStuck(): Entry | undefined {
    return this.entries.find((entry) => entry.stuck);
  }

  get inFlight(): Entry[] {
    return this.entries.filter((entry) => !entry.outcome);
  }

  /** How many operations have begun and not ended. */
  get underWay(): number {
    return this.entries.reduce((count, entry) => (isUnderWay(entry) ? count + 1 : count), 0);
  }

  /**
   * Whether an unwinding of this save-point, or of the whole saga without one, may begin: of what is within it no
   * action is in flight, and no other unwinding is under way or waits to begin.
   */
  isQuiet(savePoint?: SavePoint): boolean {
    return (
      !this.entries.some((entry) => isWithin(entry.savePoint, savePoint) && isUnderWay(entry)) &&
      !this.savePoints.some(
        (inner) => inner !== savePoint && isWithin(inner, savePoint) && inner.failed && !inner.ended,
      )
    );
  }

  /** Whether the body of a save-point runs, or its unwinding is not over. One in a failed save-point is forgotten. */
  get hasOpenSavePoint(): boolean {
    return this.savePoints.some((savePoint) => !savePoint.ended && !hasFailed(savePoint.within));
  }

  /** The entries that may have had an effect which can be, and is not yet, undone (S2). */
  get standing(): Entry[] {
    return this.entries.filter(
      (entry) =>
        entry.step.compensation !== undefined &&
        entry.step.kind === 'compensatable' &&
        entry.outcome?.kind !== 'refused' &&
        entry.undoing?.endedAt === undefined,
    );
  }

  /** Whether an unwinding leaves something: what an operator skipped, or what nothing can undo. */
  get leftStanding(): boolean {
    return this.entries.some(
      ({ step, outcome, undoing, leaves }) =>
        leaves || undoing?.skipped || (step.kind === 'irreversible' && outcome?.kind !== 'refused'),
    );
  }

  /** The entries whose action succeeded, and which only their compensation could have taken back. */
  get answered(): Entry[] {
    return this.entries.filter(
      ({ step, outcome, undoing }) =>
        step.compensation !== undefined && outcome?.kind === 'succeeded' && undoing === undefined,
    );
  }

  /** The standing entries whose outcome is unknown: a saga neither passes its pivot nor completes with one (S9). */
  get unknown(): Entry[] {
    return this.standing.filter((entry) => entry.outcome?.kind === 'unknown');
  }

  /**
   * The compensations that would run if the saga unwound now, in waves: those of a wave at once, each wave after
   * the one before it. What is in flight is taken as if it settled last.
   */
  get undoPlan(): Entry[][] {
    const waves: Entry[][] = [];
    for (let left = this.standing; left.length > 0;) {
      const latest = left.reduce((last, entry) => Math.max(last, entry.began), 0);
      const isReady = (entry: Entry) => latest < (entry.settled ?? Infinity);
      waves.push(left.filter(isReady).sort((a, b) => b.began - a.began));
      left = left.filter((entry) => !isReady(entry));
    }
    return waves;
  }

  /**
   * S3: of the entries to undo, those whose compensation may start now, the latest started first. Empty while
   * an action of them is in flight, or while everything left waits for a compensation that is running.
   * @param passStuck whether a stuck compensation lets the entries before it go on.
   */
  ready(among: readonly Entry[], passStuck = false): Entry[] {
    if (among.some((entry) => !entry.outcome)) return [];
    const left = among.filter((entry) => !isUndone(entry));
    const holdingUp = passStuck ? left.filter((entry) => !entry.stuck) : left;
    const latest = holdingUp.reduce((last, entry) => Math.max(last, entry.began), 0);
    return left
      .filter((entry) => !entry.undoing && entry.settled !== undefined && latest < entry.settled)
      .sort((a, b) => b.began - a.began);
  }
}

/** Whether nothing of an entry that was to be undone is left to undo. */
export function isUndone({ outcome, undoing }: Entry): boolean {
  return undoing?.endedAt !== undefined || outcome?.kind === 'refused';
}

const NEVER_HAPPENED = engineFailure('NEVER_HAPPENED', 'the probe says that it never happened');

/** Whether an operation of it runs or is stuck. */
export function isUnderWay({ outcome, undoing }: Entry): boolean {
  return !outcome || (undoing !== undefined && undoing.endedAt === undefined);
}
