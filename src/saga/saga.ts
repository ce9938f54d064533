import type { Duration } from '@temporalio/common';
import { msToNumber } from '@temporalio/common/lib/time';
import {
  ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  condition,
  workflowInfo,
} from '@temporalio/workflow';
import { HISTORY_LIMIT } from './core/failures';
import type { Answer } from './core/driver';
import type { SavePoint } from './core/save-point';
import { failureBehind, reasonOf, StepRefused, StepUnknown } from './failures';
import { summaryLine } from './markdown';
import type { Milestones } from './milestone';
import { answerOf } from './nested';
import type { Orchestrator } from './orchestrator';
import { describeBy, snapshot } from './snapshot';
import { promised } from './sdk-workflow';
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

/** What a saga's body may do before its pivot. */
export interface Saga extends SagaScope {
  /** The workflow id. */
  readonly id: string;
  /**
   * The way on after the pivot, once it is passed: for a body that continued as new after its pivot, and begins again behind
   * it (S20). Nothing before.
   */
  readonly committed: Committed<unknown> | undefined;
  /** Says that the saga has reached a milestone, for those who wait for it: an early answer while it goes on. */
  reach(milestone: string, value?: unknown): void;
  /**
   * Waits until a condition holds, and has the report say what for and until when. Costs what Temporal's `condition` costs:
   * a timer if there is a timeout.
   * @param what for people, such as `a review`.
   * @returns whether it holds; false when the timeout passed first.
   */
  waitFor(what: string, holds: () => boolean, timeout?: Duration): Promise<boolean>;
  /**
   * Passes the point of no return (S7). No other step may be in flight and no save-point open. Steps whose unknown
   * outcome the body has caught are compensated first (S9). Not cancellable: a cancel that comes meanwhile is kept, and unwinds
   * if the pivot is refused.
   * @throws StepRefused when the participant said no; the saga may still unwind.
   */
  pivot<Input, Output>(step: Step<'pivot', Input, Output>, input: Input): Promise<Committed<Output>>;
}

/** What a saga's body may do after its pivot: only go forward. */
export interface Committed<Output> {
  /** The pivot's output. */
  readonly output: Output;
  /** Runs a step until it succeeds. Not cancellable. */
  run<StepInput, StepOutput>(
    step: Step<'retriable', StepInput, StepOutput>,
    input: StepInput,
  ): Promise<StepOutput>;
}

/** The engine's side of {@link SagaScope}; without a save-point it is that of the saga itself. */
export class ScopeBody implements SagaScope {
  constructor(
    protected readonly orchestrator: Orchestrator,
    private readonly savePoint?: SavePoint,
  ) {}

  run<Input, Output>(step: Step<ForwardKind, Input, Output>, input: Input): Promise<Output> {
    return answered<Output>((goOn, fail) => {
      this.orchestrator.driver.refuseAfterPivot(
        `${step.name} is ${step.kind}; after the pivot a step is retriable`,
      );
      refuseInCancelledScope(step);
      this.refuseWithoutRoom(step);
      this.forward(step, snapshot(input), goOn, fail);
    });
  }

  attempt<Output>(body: (scope: SagaScope) => Promise<Output>): Attempt<Output> {
    return withAlternatives(this.runBehindSavePoint(body), (other) => this.runBehindSavePoint(other));
  }

  get isEnding(): boolean {
    return this.state.over || this.state.isOrphaned(this.savePoint);
  }

  protected get state() {
    return this.orchestrator.state;
  }

  /** Requests a step. A body that may not go on any more gets no answer. @param sent a copy that nobody changes. */
  protected forward<Output>(
    step: AnyStep,
    sent: unknown,
    goOn: (output: Output) => void,
    fail: (error: unknown) => void,
  ): void {
    const { orchestrator, savePoint } = this;
    const answer = ({ entry, result }: Answer) => {
      if (result.kind === 'refused') fail(new StepRefused(entry.id, result.failure));
      else if (result.kind === 'unknown') fail(new StepUnknown(entry.id, result.failure));
      else if (result.kind === 'succeeded') goOn(snapshot(answerOf(entry, result.output)) as Output);
    };
    const request = () =>
      orchestrator.runStep({ step, input: sent, summary: describeBy(step.summary, sent), savePoint }, answer);
    // Nothing follows from answers of which a reset has made it doubtful whether they still count (S17).
    const doubt = orchestrator.afterReset();
    if (doubt) doubt.then(request).catch(fail);
    else request();
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
    const { driver } = orchestrator;
    const savePoint = driver.setSavePoint(this.savePoint);
    if (!savePoint) return await neverSettles();
    try {
      const output = await body(new ScopeBody(orchestrator, savePoint));
      if (driver.passSavePoint(savePoint)) return output;
    } catch (error) {
      // A programming error undoes nothing (S12).
      const failure = failureBehind(error);
      if (!failure) throw error;
      await new Promise<void>((goOn) => driver.partFailed(goOn));
      await new Promise<void>((goOn) => driver.failSavePoint(savePoint, reasonOf(failure).code, goOn));
      if (!state.isOrphaned(this.savePoint)) throw error;
    }
    return await neverSettles();
  }
}

/** The engine's side of {@link Saga}. */
export class SagaBody extends ScopeBody implements Saga {
  constructor(
    readonly id: string,
    orchestrator: Orchestrator,
    private readonly milestones: Milestones,
  ) {
    super(orchestrator);
  }

  get committed(): Committed<unknown> | undefined {
    const pivot = this.state.ledger.pivot;
    if (this.state.phase !== 'committed' || pivot?.outcome?.kind !== 'succeeded') return undefined;
    return this.afterPivot(snapshot(pivot.outcome.output));
  }

  reach(milestone: string, value?: unknown): void {
    if (!this.state.ending) this.milestones.reach(milestone, value);
  }

  async waitFor(what: string, holds: () => boolean, timeout?: Duration): Promise<boolean> {
    const since = Date.now();
    const wait = { what, since, ...(timeout !== undefined && { until: since + msToNumber(timeout) }) };
    const { driver } = this.orchestrator;
    driver.dispatch({ type: 'wait-began', wait });
    try {
      if (timeout !== undefined) return await condition(holds, timeout, { summary: summaryLine(what) });
      await condition(holds);
      return true;
    } finally {
      driver.dispatch({ type: 'wait-ended', wait });
    }
  }

  pivot<Input, Output>(step: Step<'pivot', Input, Output>, input: Input): Promise<Committed<Output>> {
    return answered<Committed<Output>>((goOn, fail) => {
      if (!this.state.ending) refuseInCancelledScope(step);
      const sent = snapshot(input);
      const doubt = this.orchestrator.afterReset();
      const approach = async () => {
        if (doubt) await doubt;
        await new Promise<void>((begin) => this.orchestrator.driver.approachPivot(step, begin));
        this.forward<Output>(step, sent, (output) => goOn(this.afterPivot(output)), fail);
      };
      approach().catch(fail);
    });
  }

  private afterPivot<Output>(output: Output): Committed<Output> {
    return {
      output,
      run: <StepInput, StepOutput>(next: Step<'retriable', StepInput, StepOutput>, input: StepInput) =>
        answered<StepOutput>((goOn, fail) => this.forward(next, snapshot(input), goOn, fail)),
    };
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
function refuseInCancelledScope(step: AnyStep): void {
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

/**
 * The body's promise of an answer: one promise, and one more if it fails. An error that `ask` throws is its failure, as in an
 * async function.
 */
function answered<T>(ask: (goOn: (answer: T) => void, fail: (error: unknown) => void) => void): Promise<T> {
  const { promise, resolve, reject } = promised<T>();
  const fail = (error: unknown) => {
    reject(error);
    void awaitedLater(promise);
  };
  try {
    ask(resolve, fail);
  } catch (error) {
    fail(error);
  }
  return promise;
}

/** What a body waits for that gets no answer any more (decision 0005). */
export function neverSettles(): Promise<never> {
  return new Promise(() => {});
}
