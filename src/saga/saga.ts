import { ApplicationFailure, CancellationScope, CancelledFailure, workflowInfo } from '@temporalio/workflow';
import { attempt } from './call-activity';
import type { StuckPolicy } from './definition';
import { HISTORY_LIMIT, SagaUsageError, STEP_UNKNOWN, StepRefused, StepUnknown } from './failures';
import type { Entry, Outcome } from './ledger';
import type { Milestones } from './milestone';
import type { SagaState } from './saga-state';
import type { AnyStep, ForwardKind, Step } from './step';
import { untilKnown } from './until-known';
import { unwind } from './unwind';

/** What a saga's body may do before its pivot. */
export interface Saga {
  /** The workflow id. */
  readonly id: string;
  /**
   * Runs a step; its compensation is on the stack before its action is called (S1).
   * @throws StepRefused when the participant said no; nothing happened.
   * @throws StepUnknown when nobody knows whether it happened.
   */
  run<Input, Output>(step: Step<ForwardKind, Input, Output>, input: Input): Promise<Output>;
  /** Says that the saga has reached a milestone, for those who wait for it: an early answer while it goes on. */
  reach(milestone: string, value?: unknown): void;
  /**
   * Passes the point of no return (S7). No other step may be in flight. Steps whose unknown outcome the body
   * has caught are compensated first (S9). Not cancellable: a cancel that comes meanwhile is kept, and unwinds
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

/** The engine's side of {@link Saga}. */
export class SagaBody implements Saga {
  private readonly policy: StuckPolicy;
  private readonly maxHistoryEvents: number;

  constructor(
    readonly id: string,
    private readonly state: SagaState,
    definition: { readonly stuck?: StuckPolicy; readonly maxHistoryEvents?: number },
    private readonly milestones: Milestones,
  ) {
    this.policy = definition.stuck ?? {};
    this.maxHistoryEvents = definition.maxHistoryEvents ?? MAX_HISTORY_EVENTS;
  }

  reach(milestone: string, value?: unknown): void {
    if (!this.state.ending) this.milestones.reach(milestone, value);
  }

  async run<Input, Output>(step: Step<ForwardKind, Input, Output>, input: Input): Promise<Output> {
    if (this.state.phase === 'committed' || this.state.phase === 'pivot') {
      throw new SagaUsageError(
        'STEP_AFTER_PIVOT',
        `${step.name} is ${step.kind}; after the pivot a step is retriable`,
      );
    }
    refuseInCancelledScope(step);
    this.refuseNearHistoryLimit(step);
    return await this.forward(step, input);
  }

  async pivot<Input, Output>(step: Step<'pivot', Input, Output>, input: Input): Promise<Committed<Output>> {
    const { state } = this;
    if (state.ending) return await never();
    if (state.phase === 'committed' || state.phase === 'pivot') {
      throw new SagaUsageError('SECOND_PIVOT', `${step.name}: a saga passes one pivot`);
    }
    const [running] = state.ledger.inFlight;
    if (running) {
      throw new SagaUsageError(
        'PIVOT_WITH_STEPS_IN_FLIGHT',
        `${step.name} cannot begin while ${running.id} runs`,
      );
    }
    refuseInCancelledScope(step);
    state.phase = 'pivot';
    if (state.ledger.unknown.length > 0) {
      await CancellationScope.nonCancellable(() =>
        unwind(state, () => state.ledger.unknown, this.policy, STEP_UNKNOWN),
      );
      if (state.pending) state.pivotKnown(false);
    }
    return {
      output: await this.forward(step, input),
      run: (next, nextInput) => this.forward(next, nextInput),
    };
  }

  private async forward<Output>(step: AnyStep, input: unknown): Promise<Output> {
    const { state } = this;
    // A branch that goes on while the saga unwinds gets no answer at all: an error would end in a promise
    // nobody waits for any more, and fail the workflow task.
    if (state.ending) return await never();
    const entry = state.ledger.begin(step, input);
    state.publish();
    const outcome = await this.outcomeOf(entry);
    state.ledger.settle(entry, outcome);
    if (step.kind === 'pivot') state.pivotKnown(outcome.kind === 'succeeded');
    state.publish();
    if (state.ending) return await never();
    if (outcome.kind === 'succeeded') return outcome.output as Output;
    if (outcome.kind === 'refused') throw new StepRefused(entry.id, outcome.failure);
    throw new StepUnknown(entry.id, outcome.failure);
  }

  /** S14: unwinds while there is room for it, before the server terminates the workflow. */
  private refuseNearHistoryLimit(step: AnyStep): void {
    const { historyLength, historySize } = workflowInfo();
    if (historyLength < this.maxHistoryEvents && historySize < MAX_HISTORY_BYTES) return;
    throw ApplicationFailure.nonRetryable(
      `${step.name} did not begin: the history has ${historyLength} events and ${historySize} bytes`,
      HISTORY_LIMIT,
    );
  }

  private async outcomeOf(entry: Entry): Promise<Outcome> {
    const persistent = entry.step.kind === 'pivot' || entry.step.kind === 'retriable';
    if (!persistent) return await this.state.runAction(() => attempt(entry, 'do'));
    const known = await CancellationScope.nonCancellable(() =>
      untilKnown(this.state, entry, 'do', this.policy),
    );
    if (known.kind === 'skipped') throw new Error(`${entry.id} was skipped, which the desk refuses`);
    return known;
  }
}

/** The server terminates a workflow at 51,200 events or 50 MB; what is left is for the unwinding. */
const MAX_HISTORY_EVENTS = 40_000;
const MAX_HISTORY_BYTES = 40 * 1024 * 1024;

/** The body may run steps in a scope of its own, with a timeout for instance. */
function refuseInCancelledScope(step: AnyStep): void {
  if (!CancellationScope.current().consideredCancelled) return;
  throw new CancelledFailure(`${step.name} did not begin: the scope it was run in is cancelled`);
}

function never(): Promise<never> {
  return new Promise(() => {});
}
