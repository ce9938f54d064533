import { CancellationScope } from '@temporalio/workflow';
import { standing } from './carried-entry';
import type { Entry } from './core/entry';
import type { SagaState } from './core/saga-state';
import { type EarlierRunsQuestion, earlierRunsStep, leftover, readAnswer } from './earlier-runs';
import { earlierRunIds, nestedId } from './nested';
import type { NestedResult } from './nested-result';
import { firstMark, resetMark } from './sdk-internals';
import type { Known, Tried } from './until-known';

/** Steps that are asked at once. */
const AT_ONCE = 20;

/**
 * What a reset makes doubtful (S17). A reset run takes the answers of its steps from the history up to the point it was
 * reset to; the run before it may have undone those steps since, and may have done others. So each step is asked again, by
 * its own key: a participant refuses an action that was compensated (B8). And an activity reads what earlier runs did besides:
 * that is undone unless this run does it too. Nothing follows from an answer before both are known. Costs nothing without a
 * reset.
 */
export class ResetGuard {
  private mark: unknown;
  private checking: Promise<void> | undefined;

  /** @param isNew whether this is the first run of the saga, or of the runs that followed each other after a reset. */
  constructor(
    private readonly state: SagaState,
    private readonly changed: () => void,
    private readonly ask: (tried: Tried) => Promise<Known>,
    isNew: boolean,
  ) {
    this.mark = isNew && earlierRunIds().length > 0 ? undefined : firstMark;
  }

  /** Whether a reset was not looked at yet. */
  get isDue(): boolean {
    return resetMark() !== this.mark && !this.state.over;
  }

  /** @returns what to wait for before the saga goes on; nothing when there is no doubt. */
  check(): Promise<void> | undefined {
    if (this.isDue) {
      this.mark = resetMark();
      // In this order: some answers from before the reset may not be told yet, but are once another task has ended.
      this.checking = this.lookBack()
        .then(() => this.confirmAll())
        .finally(() => {
          this.checking = undefined;
        });
    }
    return this.checking;
  }

  private async lookBack(): Promise<void> {
    const { state } = this;
    const question: EarlierRunsQuestion = {
      known: state.ledger.entries.map(({ id }) => id),
      runIds: earlierRunIds(),
    };
    const entry = state.lookBack(earlierRunsStep(), question);
    this.changed();
    const known = await CancellationScope.nonCancellable(() =>
      this.ask({ entry, op: 'do', givesUp: () => false }),
    );
    const output = known.kind === 'succeeded' ? known.output : undefined;
    const { entries, nestedRuns } = readAnswer(output);
    await this.told((goOn) =>
      state.foundLeftovers(
        entry,
        { answer: output, entries: entries.map(leftover), ...(nestedRuns && { nestedRuns }) },
        goOn,
      ),
    );
  }

  private async confirmAll(): Promise<void> {
    const { state } = this;
    if (state.ending) return;
    const doubtful = state.ledger.answered;
    const undone: Entry[] = [];
    for (let from = 0; from < doubtful.length; from += AT_ONCE) {
      const some = doubtful.slice(from, from + AT_ONCE);
      const known = await Promise.all(some.map(async (entry) => await this.confirm(entry)));
      undone.push(...some.filter((_, index) => known[index]?.kind === 'refused'));
    }
    if (undone.length > 0) await this.told((goOn) => state.foundUndone(undone, goOn));
  }

  /** Waits until the state has taken it in, in an express saga in its turn. */
  private async told(tell: (goOn: () => void) => void): Promise<void> {
    const taken = new Promise<void>(tell);
    this.changed();
    await taken;
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
