import { standing } from './carried-entry';
import type { Entry } from './core/entry';
import type { SagaState } from './core/saga-state';
import { nestedId } from './nested';
import type { NestedResult } from './nested-result';
import { resetMark } from './sdk-internals';
import type { Known, Tried } from './until-known';

/** Steps that are asked at once. */
const AT_ONCE = 20;

/**
 * What a reset makes doubtful (S17). A reset run takes the answers of its steps from the history up to the point it was
 * reset to; the run before it may have undone those steps since. So each is asked again, by its own key, before anything
 * follows from its answer: a participant refuses an action that was compensated (B8). Costs nothing without a reset.
 */
export class ResetGuard {
  private mark = resetMark();
  private checking: Promise<void> | undefined;

  constructor(
    private readonly state: SagaState,
    private readonly changed: () => void,
    private readonly ask: (tried: Tried) => Promise<Known>,
  ) {}

  /** @returns what to wait for before the saga goes on; nothing when there is no doubt. */
  check(): Promise<void> | undefined {
    const mark = resetMark();
    if (mark !== this.mark) {
      this.mark = mark;
      this.checking = this.confirmAll().finally(() => {
        this.checking = undefined;
      });
    }
    return this.checking;
  }

  private async confirmAll(): Promise<void> {
    const { state } = this;
    const doubtful = state.ledger.answered;
    const undone: Entry[] = [];
    for (let from = 0; from < doubtful.length; from += AT_ONCE) {
      const some = doubtful.slice(from, from + AT_ONCE);
      const known = await Promise.all(some.map(async (entry) => await this.confirm(entry)));
      undone.push(...some.filter((_, index) => known[index]?.kind === 'refused'));
    }
    if (undone.length > 0) state.foundUndone(undone);
    this.changed();
  }

  /** A nested saga is confirmed by its own steps: it was reversed if one of them was undone. */
  private async confirm(entry: Entry): Promise<Known> {
    const givesUp = (): boolean => this.state.ending;
    if (!entry.step.nested) return await this.ask({ entry, op: 'do', again: true, givesUp });
    const { entries } = (entry.outcome as { output: NestedResult }).output;
    for (const inner of entries.filter(({ action }) => action !== undefined)) {
      const known = await this.confirm(standing(nestedId(entry), inner));
      if (known.kind === 'refused') return known;
    }
    return entry.outcome as Known;
  }
}
