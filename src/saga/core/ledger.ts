import { type CarriedLedger, carryEntry, isStillRelevant, type NestedRuns, restoreEntry } from './carried';
import {
  type Corrections,
  type Entry,
  isHeldBack,
  isToCompensate,
  isUnderWay,
  isUndone,
  type Outcome,
} from './entry';
import { engineFailure, type Failure, KEY_CONFLICT } from './failures';
import { entryId } from './ids';
import { jsonBytes } from './payload-size';
import { hasFailed, isWithin, type SavePoint } from './save-point';
import type { StepData } from './step';

/** Which report of a nested saga's run it is, from 1 on: a server may deliver two of them in another order. */
export interface ReportNumber {
  readonly run: string;
  readonly number: number;
}

/** A nested saga says whether it is stuck: with a failure if it is. */
export interface NestedStuck {
  readonly entry: Entry;
  /** The nested saga's workflow id. */
  readonly nested: string;
  readonly from?: ReportNumber | undefined;
  readonly stuck?: Failure | undefined;
}

/**
 * What a saga has done, in the order in which it happened: its compensation stack and the source of its
 * report. Data, and what it says *may be undone now* (S3).
 *
 * The order generalises Garcia-Molina & Salem's reverse order to steps that overlap (SIGMOD 1987, §7,
 * parallel sagas): an entry waits for the entries that began after it had settled, and for no others.
 */
export class Ledger {
  readonly entries: Entry[] = [];
  private readonly savePoints: SavePoint[] = [];
  /** By the nested saga's workflow id. */
  private readonly lastReports = Object.create(null) as Record<string, ReportNumber>;
  /** How often each step has begun. */
  private readonly runs: Record<string, number> = Object.create(null) as Record<string, number>;
  private clock = 0;
  /** What the inputs and the answers of its entries have together, in bytes of JSON. Grows only. */
  bytes = 0;
  /** Steps of earlier runs that are left out, and whether one of them has an effect that nothing undoes (S20). */
  earlier = 0;
  effectsRemainEarlier = false;
  /** The runs of nested sagas that runs before a reset started (S17). */
  nestedRuns: NestedRuns = {};
  /** The workflow ids of nested sagas that have ended without telling this run (S17). */
  lostNested: readonly string[] = [];
  /** Whether a run before a reset has completed (S17). */
  completedEarlier = false;

  /** S1: puts the step on the stack. To be called before its action is. */
  begin(step: StepData, { at, input, summary, savePoint }: Beginning): Entry {
    const run = (this.runs[step.name] ?? 0) + 1;
    this.runs[step.name] = run;
    const id = entryId(step.name, run);
    // Its key is the same: from now on it is this run's, and its effect happened when it did.
    const before = this.entries.find((entry) => entry.leftover && entry.id === id);
    if (before) this.entries.splice(this.entries.indexOf(before), 1);
    const entry: Entry = {
      id,
      step,
      input,
      ...(summary !== undefined && { summary }),
      ...(savePoint && { savePoint }),
      began: before?.began ?? ++this.clock,
      ...(before?.settled !== undefined && { settlesAt: before.settled }),
      ...(before && { earlier: { input: before.input, ...(before.outcome && { outcome: before.outcome }) } }),
      startedAt: at,
    };
    this.entries.push(entry);
    this.bytes += jsonBytes(input);
    return entry;
  }

  /** S20: what another run needs to go on. Nothing may be under way. */
  carry(): CarriedLedger {
    const carried = this.entries.filter(isStillRelevant);
    const gone = this.entries.filter((entry) => !isStillRelevant(entry));
    return {
      steps: Object.fromEntries(carried.map(({ step }) => [step.name, step])),
      entries: carried.map(carryEntry),
      runs: Object.entries(this.runs),
      clock: this.clock,
      earlier: this.earlier + gone.length,
      effectsRemain: this.effectsRemainEarlier || gone.some(({ step }) => step.kind === 'retriable'),
      ...(Object.keys(this.nestedRuns).length > 0 && { nestedRuns: this.nestedRuns }),
      ...(this.completedEarlier && { completedEarlier: true }),
    };
  }

  /** Goes on with what an earlier run carried over. To be called first. */
  restore(carried: CarriedLedger): void {
    const { steps, entries, runs, clock, earlier, effectsRemain, nestedRuns = {} } = carried;
    this.entries.push(...entries.map((entry) => restoreEntry(entry, steps)));
    for (const [name, run] of runs) this.runs[name] = run;
    this.clock = clock;
    this.earlier = earlier;
    this.effectsRemainEarlier = effectsRemain;
    this.nestedRuns = nestedRuns;
    this.completedEarlier = carried.completedEarlier ?? false;
    this.bytes = jsonBytes(entries);
  }

  /**
   * S17: what an earlier run did began before all that this run does from now on, and is undone before what this run has
   * begun. In the order in which it began.
   */
  addLeftovers(entries: readonly Entry[], nestedRuns: NestedRuns = {}): void {
    this.nestedRuns = { ...this.nestedRuns, ...nestedRuns };
    for (const entry of this.inFlight) entry.settlesAt = ++this.clock;
    for (const entry of entries) {
      if (this.entries.some(({ id }) => id === entry.id)) continue;
      this.entries.push({ ...entry, began: ++this.clock, settled: ++this.clock });
      this.bytes += jsonBytes(entry);
    }
  }

  /** The pivot of an earlier run, as long as this run has neither begun nor undone it. */
  get earlierPivot(): Entry | undefined {
    return this.entries.find((entry) => isHeldBack(entry) && !isUndone(entry));
  }

  /** S9: what begins from now on in this save-point is undone by itself if its body fails. */
  addSavePoint(savePoint: SavePoint): void {
    this.savePoints.push(savePoint);
  }

  /** S6: an operator has given the next round other values. */
  correct(entry: Entry, corrections: Corrections): void {
    if ('output' in corrections) entry.correctedOutput = { output: corrections.output };
    if (!('input' in corrections)) return;
    entry.input = corrections.input;
    entry.corrected = true;
    if (corrections.summary !== undefined) entry.summary = corrections.summary;
  }

  settle(entry: Entry, outcome: Outcome, at: number): void {
    // What the participant has done is what an earlier run sent: that is what is undone (S17, S21).
    const { earlier } = entry;
    const isEarlier =
      outcome.kind === 'unknown' &&
      (outcome.failure.code === KEY_CONFLICT || earlier?.outcome?.kind === 'succeeded');
    if (earlier && (isEarlier || outcome === earlier.outcome)) entry.input = earlier.input;
    entry.outcome = outcome;
    entry.settled = entry.settlesAt ?? ++this.clock;
    entry.settledAt = at;
    if (outcome.kind === 'succeeded') this.bytes += jsonBytes(outcome.output);
  }

  beginUndo(entry: Entry, at: number): void {
    entry.undoing = { startedAt: at };
  }

  endUndo(entry: Entry, at: number, skipped = false): void {
    if (!entry.undoing) return;
    entry.undoing.endedAt = at;
    if (skipped) entry.undoing.skipped = true;
  }

  /** S10. A report that comes after a later one of the same run changes nothing. */
  nestedStuck({ entry, nested, from, stuck: failure, at }: NestedStuck & { readonly at: number }): void {
    const last = this.lastReports[nested];
    if (last && last.run === from?.run && last.number > from.number) return;
    if (from) this.lastReports[nested] = from;
    if (entry.stuck && entry.stuck.nested !== nested) return;
    delete entry.stuck;
    if (!failure) return;
    entry.stuck = { op: entry.undoing ? 'undo' : 'do', since: at, rounds: 1, failure, nested };
  }

  /** What a probe found out about an unknown outcome before its compensation; that is not needed after a `no`. */
  probed(entry: Entry, probed: ProbeAnswer): void {
    if (probed.happened === 'yes') entry.outcome = { kind: 'succeeded', output: probed.output };
    if (probed.happened !== 'no') return;
    entry.outcome = { kind: 'refused', failure: NEVER_HAPPENED };
    delete entry.undoing;
  }

  /** The entry of this name. */
  find(id: string): Entry | undefined {
    return this.entries.find((entry) => entry.id === id);
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

  get toCompensate(): Entry[] {
    return this.entries.filter(isToCompensate);
  }

  /** The pivot that this run has begun, if it has. */
  get pivot(): Entry | undefined {
    return this.entries.find(({ step, leftover }) => step.kind === 'pivot' && !leftover);
  }

  /** Whether an operator skipped a compensation, behind a save-point for instance (S9). */
  get anySkipped(): boolean {
    return this.entries.some(({ undoing }) => undoing?.skipped);
  }

  /** Whether an unwinding leaves something: what an operator skipped, or what nothing can undo. */
  get anyEffectRemains(): boolean {
    return this.entries.some(
      ({ step, outcome, undoing, effectsRemain, leftover }) =>
        effectsRemain ||
        undoing?.skipped ||
        (step.kind === 'irreversible' && outcome?.kind !== 'refused') ||
        (leftover && step.kind === 'retriable'),
    );
  }

  /** The entries whose action succeeded, and which only their compensation could have taken back. */
  get answered(): Entry[] {
    return this.entries.filter(
      ({ step, outcome, undoing, leftover }) =>
        step.compensation !== undefined &&
        outcome?.kind === 'succeeded' &&
        undoing === undefined &&
        !leftover,
    );
  }

  /**
   * The compensations that would run if the saga unwound now, in waves: those of a wave at once, each wave after
   * the one before it. What is in flight is taken as if it settled last.
   */
  get undoPlan(): Entry[][] {
    const waves: Entry[][] = [];
    for (let left = this.toCompensate; left.length > 0;) {
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
    let latest = 0;
    for (const entry of among) {
      if (!entry.outcome) return [];
      if (!isUndone(entry) && !(passStuck && entry.stuck)) latest = Math.max(latest, entry.began);
    }
    return among
      .filter(
        (entry) =>
          !entry.undoing && !isUndone(entry) && entry.settled !== undefined && latest < entry.settled,
      )
      .sort((a, b) => b.began - a.began);
  }
}

/** What a step begins with. */
export interface Beginning {
  /** In epoch milliseconds, for the report only. */
  readonly at: number;
  /** A copy that nobody changes. */
  readonly input: unknown;
  readonly summary?: string | undefined;
  readonly savePoint?: SavePoint | undefined;
}

/** What a probe found out. */
export type ProbeAnswer =
  { readonly happened: 'yes'; readonly output: unknown } | { readonly happened: 'no' | 'unknown' };

const NEVER_HAPPENED = engineFailure('NEVER_HAPPENED', 'the probe says that it never happened');
