import { CancellationScope } from '@temporalio/workflow';
import type { StuckPolicy } from './definition';
import { SagaUsageError, STEP_UNKNOWN } from './failures';
import type { Milestones } from './milestone';
import type { SagaState } from './saga-state';
import { never, refuseInCancelledScope, type SagaScope, ScopeBody } from './scope';
import type { Step } from './step';
import { unwind } from './unwind';

/** What a saga's body may do before its pivot. */
export interface Saga extends SagaScope {
  /** The workflow id. */
  readonly id: string;
  /** Says that the saga has reached a milestone, for those who wait for it: an early answer while it goes on. */
  reach(milestone: string, value?: unknown): void;
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

/** The engine's side of {@link Saga}. */
export class SagaBody extends ScopeBody implements Saga {
  constructor(
    readonly id: string,
    state: SagaState,
    policy: StuckPolicy,
    private readonly milestones: Milestones,
  ) {
    super(state, policy);
  }

  reach(milestone: string, value?: unknown): void {
    if (!this.state.ending) this.milestones.reach(milestone, value);
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
    if (state.ledger.hasOpenSavePoint) {
      throw new SagaUsageError(
        'PIVOT_WITH_STEPS_IN_FLIGHT',
        `${step.name} cannot begin while a save-point is open: await it first`,
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
}
