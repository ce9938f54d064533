import {
  ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  TemporalFailure,
  workflowInfo,
} from '@temporalio/workflow';
import { attempt } from './call-activity';
import type { StuckPolicy } from './definition';
import { HISTORY_LIMIT, reasonOf, SagaUsageError, StepRefused, StepUnknown } from './failures';
import type { Entry, Outcome } from './ledger';
import type { SagaState } from './saga-state';
import { hasFailed, isWithin, type SavePoint } from './save-point';
import type { AnyStep, ForwardKind, Step } from './step';
import { untilKnown } from './until-known';
import { unwind } from './unwind';

/** What the body of a saga, and of a save-point in it, may do. */
export interface SagaScope {
  /**
   * Runs a step; its compensation is on the stack before its action is called (S1).
   * @throws StepRefused when the participant said no; nothing happened.
   * @throws StepUnknown when nobody knows whether it happened.
   */
  run<Input, Output>(step: Step<ForwardKind, Input, Output>, input: Input): Promise<Output>;
  /**
   * Sets a save-point and runs the body at once (S9). When the body fails with a Temporal failure, what it did
   * through its own `scope` is undone, and nothing else; then the failure is thrown, or {@link Attempt.or} goes on
   * another way. What it did through the saga, or through the scope around it, belongs there.
   * @throws the body's failure, after everything the body did is undone.
   */
  attempt<Output>(body: (scope: SagaScope) => Promise<Output>): Attempt<Output>;
}

/** A running save-point: the promise of its body's result. */
export interface Attempt<Output> extends Promise<Output> {
  /** Runs another body, behind a save-point of its own, if this one failed and is undone. Never at its side. */
  or<Other>(body: (scope: SagaScope) => Promise<Other>): Attempt<Output | Other>;
}

/** The engine's side of {@link SagaScope}; without a save-point it is that of the saga itself. */
export class ScopeBody implements SagaScope {
  constructor(
    protected readonly state: SagaState,
    protected readonly policy: StuckPolicy,
    private readonly savePoint?: SavePoint,
  ) {}

  async run<Input, Output>(step: Step<ForwardKind, Input, Output>, input: Input): Promise<Output> {
    this.refuseAfterPivot(`${step.name} is ${step.kind}; after the pivot a step is retriable`);
    refuseInCancelledScope(step);
    this.refuseNearHistoryLimit(step);
    return await this.forward(step, input);
  }

  attempt<Output>(body: (scope: SagaScope) => Promise<Output>): Attempt<Output> {
    return withAlternatives(this.runBehindSavePoint(body), (other) => this.runBehindSavePoint(other));
  }

  /** Whether whoever asks gets no answer any more, since the saga or a save-point around it unwinds. */
  protected get orphaned(): boolean {
    return this.state.ending || hasFailed(this.savePoint);
  }

  protected async forward<Output>(step: AnyStep, input: unknown): Promise<Output> {
    const { state } = this;
    // A branch that goes on while the saga unwinds gets no answer at all: an error would end in a promise
    // nobody waits for any more, and fail the workflow task.
    if (this.orphaned) return await never();
    const entry = state.ledger.begin(step, input, this.savePoint);
    state.publish();
    const outcome = await this.outcomeOf(entry);
    state.ledger.settle(entry, outcome);
    if (step.kind === 'pivot') state.pivotKnown(outcome.kind === 'succeeded');
    state.publish();
    if (this.orphaned) return await never();
    if (outcome.kind === 'succeeded') return outcome.output as Output;
    if (outcome.kind === 'refused') throw new StepRefused(entry.id, outcome.failure);
    throw new StepUnknown(entry.id, outcome.failure);
  }

  /** S14: unwinds while there is room for it, before the server terminates the workflow. */
  private refuseNearHistoryLimit(step: AnyStep): void {
    const { historyLength, historySize } = workflowInfo();
    if (historyLength < this.state.maxHistoryEvents && historySize < MAX_HISTORY_BYTES) return;
    throw ApplicationFailure.nonRetryable(
      `${step.name} did not begin: the history has ${historyLength} events and ${historySize} bytes`,
      HISTORY_LIMIT,
    );
  }

  private async outcomeOf(entry: Entry): Promise<Outcome> {
    const persistent = entry.step.kind === 'pivot' || entry.step.kind === 'retriable';
    if (!persistent) return await this.state.runAction(entry, () => attempt(entry, 'do'));
    const known = await CancellationScope.nonCancellable(() =>
      untilKnown(this.state, entry, 'do', this.policy),
    );
    if (known.kind === 'skipped') throw new Error(`${entry.id} was skipped, which the desk refuses`);
    return known;
  }

  private async runBehindSavePoint<Output>(body: (scope: SagaScope) => Promise<Output>): Promise<Output> {
    if (this.orphaned) return await never();
    this.refuseAfterPivot('a save-point is a way back, and after the pivot there is none');
    const savePoint = this.state.ledger.setSavePoint(this.savePoint);
    try {
      const output = await body(new ScopeBody(this.state, this.policy, savePoint));
      savePoint.ended = true;
      if (!this.orphaned) return output;
    } catch (error) {
      // A programming error undoes nothing (S12).
      if (!(error instanceof TemporalFailure)) throw error;
      await this.undo(savePoint, reasonOf(error).code);
      if (!this.orphaned) throw error;
    }
    return await never();
  }

  private async undo(savePoint: SavePoint, reason: string): Promise<void> {
    const { state } = this;
    const { ledger } = state;
    const own = ({ savePoint: of }: Entry): boolean => isWithin(of, savePoint);
    savePoint.failed = true;
    state.cancelActions(ledger.inFlight.filter(own));
    // What is around it may fail before its own unwinding has begun: then that unwinding undoes this part too, in
    // the order of the whole.
    const choose = (): Entry[] => (this.orphaned ? [] : ledger.standing.filter(own));
    await CancellationScope.nonCancellable(() => unwind(state, choose, this.policy, reason, savePoint));
    savePoint.ended = true;
  }

  private refuseAfterPivot(rule: string): void {
    const { phase } = this.state;
    if (phase === 'committed' || phase === 'pivot') throw new SagaUsageError('STEP_AFTER_PIVOT', rule);
  }
}

/** The server terminates a workflow at 50 MB; what is left is for the unwinding. */
const MAX_HISTORY_BYTES = 40 * 1024 * 1024;

function withAlternatives<Output>(
  running: Promise<Output>,
  run: <Other>(body: (scope: SagaScope) => Promise<Other>) => Promise<Other>,
): Attempt<Output> {
  return Object.assign(running, {
    or: <Other>(body: (scope: SagaScope) => Promise<Other>) => {
      const other = running.catch((error: unknown) => {
        if (!(error instanceof TemporalFailure)) throw error;
        return run(body);
      });
      return withAlternatives<Output | Other>(other, run);
    },
  });
}

/** The body may run steps in a scope of its own, with a timeout for instance. */
export function refuseInCancelledScope(step: AnyStep): void {
  if (!CancellationScope.current().consideredCancelled) return;
  throw new CancelledFailure(`${step.name} did not begin: the scope it was run in is cancelled`);
}

export function never(): Promise<never> {
  return new Promise(() => {});
}
