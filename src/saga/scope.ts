import { ApplicationFailure, CancellationScope, CancelledFailure, workflowInfo } from '@temporalio/workflow';
import { HISTORY_LIMIT, StepRefused, StepUnknown } from './core/failures';
import type { SavePoint } from './core/save-point';
import { snapshot } from './core/snapshot';
import { answerOf } from './nested';
import { never } from './never';
import type { Orchestrator } from './orchestrator';
import { failureBehind, reasonOf } from './read-failure';
import type { AnyStep, ForwardKind, Step } from './step';

/** What the body of a saga, and of a save-point in it, may do. */
export interface SagaScope {
  /**
   * Whether this part of the body no longer goes on: the saga unwinds or has ended, or the save-point has failed. An Update
   * or signal handler asks it before it accepts what only the body could act on.
   */
  readonly isEnding: boolean;
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
    protected readonly orchestrator: Orchestrator,
    private readonly savePoint?: SavePoint,
  ) {}

  run<Input, Output>(step: Step<ForwardKind, Input, Output>, input: Input): Promise<Output> {
    return awaitedLater(this.runStep(step, input));
  }

  attempt<Output>(body: (scope: SagaScope) => Promise<Output>): Attempt<Output> {
    return withAlternatives(this.runBehindSavePoint(body), (other) => this.runBehindSavePoint(other));
  }

  get isEnding(): boolean {
    return this.state.over || this.state.isOrphaned(this.savePoint);
  }

  private async runStep<Input, Output>(
    step: Step<ForwardKind, Input, Output>,
    input: Input,
  ): Promise<Output> {
    this.state.refuseAfterPivot(`${step.name} is ${step.kind}; after the pivot a step is retriable`);
    refuseInCancelledScope(step);
    this.refuseWithoutRoom(step);
    return await this.forward(step, input);
  }

  protected get state() {
    return this.orchestrator.state;
  }

  protected async forward<Output>(step: AnyStep, input: unknown): Promise<Output> {
    const sent = snapshot(input);
    // Nothing follows from answers of which a reset has made it doubtful whether they still count (S17).
    const doubt = this.orchestrator.afterReset();
    if (doubt) await doubt;
    const { entry, outcome } = await this.orchestrator.act(step, sent, this.savePoint);
    if (outcome.kind === 'succeeded') return snapshot(answerOf(entry, outcome.output)) as Output;
    throw new (outcome.kind === 'refused' ? StepRefused : StepUnknown)(entry.id, outcome.failure);
  }

  /** S14: unwinds while there is room for it, before the server terminates the workflow. */
  private refuseWithoutRoom(step: AnyStep): void {
    if (this.orchestrator.room.hasRoom(1)) return;
    const { historyLength, historySize } = workflowInfo();
    throw ApplicationFailure.nonRetryable(
      `${step.name} did not begin: the history has ${historyLength} events and ${historySize} bytes`,
      HISTORY_LIMIT,
    );
  }

  private async runBehindSavePoint<Output>(body: (scope: SagaScope) => Promise<Output>): Promise<Output> {
    const { state, orchestrator } = this;
    const savePoint = state.setSavePoint(this.savePoint);
    if (!savePoint) return await never();
    try {
      const output = await body(new ScopeBody(orchestrator, savePoint));
      if (state.passSavePoint(savePoint)) return output;
    } catch (error) {
      // A programming error undoes nothing (S12).
      const failure = failureBehind(error);
      if (!failure) throw error;
      await orchestrator.afterFailure();
      await orchestrator.unwound(state.failSavePoint(savePoint, reasonOf(failure).code));
      if (!state.isOrphaned(this.savePoint)) throw error;
    }
    return await never();
  }
}

function withAlternatives<Output>(
  running: Promise<Output>,
  run: <Other>(body: (scope: SagaScope) => Promise<Other>) => Promise<Other>,
): Attempt<Output> {
  return Object.assign(awaitedLater(running), {
    or: <Other>(body: (scope: SagaScope) => Promise<Other>) => {
      const other = running.catch((error: unknown) => {
        if (!failureBehind(error)) throw error;
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

/**
 * A promise that the body may await later than it fails: of two steps that were started together and are awaited in turn, the
 * second may fail first. Without this, nobody listening at that moment would fail the workflow task (S12).
 */
export function awaitedLater<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}
