import type { Entry, Ledger } from './ledger';
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

  constructor(
    private readonly ledger: Ledger,
    private readonly of: UnwindingOf,
    private readonly passStuck: boolean,
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
    return this.hasUndoneChosen ? this.ledger.isQuiet(this.of.savePoint) : this.ready.length > 0;
  }

  /** The compensations to begin now; they count as begun. */
  advance(): readonly Entry[] {
    if (!this.canAdvance) return [];
    if (this.hasUndoneChosen) {
      this.chosen = this.of.choose();
      if (this.chosen.length === 0) {
        this.ended = true;
        this.of.onOver();
        for (const goOn of this.waiting) goOn();
      }
    }
    const { ready } = this;
    for (const entry of ready) this.ledger.beginUndo(entry);
    return ready;
  }

  private get hasUndoneChosen(): boolean {
    return this.chosen.every(({ undoing }) => undoing?.endedAt !== undefined);
  }

  private get ready(): readonly Entry[] {
    return this.ledger.ready(this.chosen, this.passStuck);
  }
}
