import { type Entry, isUndone } from './entry';
import type { Ledger } from './ledger';
import type { SavePoint } from './save-point';

/** What an unwinding undoes, and why. */
export interface UnwindingOf {
  /** The entries to undo, as they stand when all within it is quiet; asked again until it names none. */
  readonly choose: () => readonly Entry[];
  /** The code that participants are given. */
  readonly reason: string;
  /** Narrows what must be quiet to what is within it. */
  readonly savePoint?: SavePoint;
  /** Called once, when nothing is left to undo. */
  readonly onOver: () => void;
}

/**
 * Compensates some entries of a ledger once nothing of theirs is in flight and no earlier unwinding runs, in the order
 * of S3, independent ones at once.
 */
export class Unwinding {
  private chosen: readonly Entry[] = [];
  private ended = false;
  private readonly waiting: (() => void)[] = [];

  /** @param free how many compensations may begin now. */
  constructor(
    private readonly ledger: Ledger,
    private readonly of: UnwindingOf,
    private readonly passStuck: boolean,
    private readonly free: () => number,
  ) {}

  get reason(): string {
    return this.of.reason;
  }

  /** Calls back at once when everything it is to undo is undone. */
  whenOver(goOn: () => void): void {
    if (this.ended) goOn();
    else this.waiting.push(goOn);
  }

  /** Whether {@link advance} has anything to do. */
  get canAdvance(): boolean {
    if (this.ended) return false;
    const { left } = this;
    return left.length === 0 ? this.ledger.isQuiet(this.of.savePoint) : this.readyOf(left).length > 0;
  }

  /** The compensations to begin now; they count as begun. */
  advance(): readonly Entry[] {
    if (!this.canAdvance) return [];
    if (this.left.length === 0) this.chooseAgain();
    const ready = this.readyOf(this.left);
    for (const entry of ready) this.ledger.beginUndo(entry);
    return ready;
  }

  private chooseAgain(): void {
    this.chosen = this.of.choose();
    if (this.chosen.length > 0) return;
    this.ended = true;
    this.of.onOver();
    for (const goOn of this.waiting) goOn();
  }

  /** What is not undone yet. What is not begun is left to a wider unwinding as soon as there is one. */
  private get left(): readonly Entry[] {
    const wanted = new Set(this.of.choose());
    return this.chosen.filter((entry) => !isUndone(entry) && (entry.undoing ?? wanted.has(entry)));
  }

  private readyOf(left: readonly Entry[]): readonly Entry[] {
    return this.ledger.ready(left, this.passStuck).slice(0, this.free());
  }
}
