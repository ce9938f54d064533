import type { Milestones } from './milestone';
import type { Orchestrator } from './orchestrator';
import { snapshot } from './core/snapshot';
import { never } from './never';
import { awaitedLater, refuseInCancelledScope, type SagaScope, ScopeBody } from './scope';
import type { Step } from './step';

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
    orchestrator: Orchestrator,
    private readonly milestones: Milestones,
  ) {
    super(orchestrator);
  }

  get committed(): Committed<unknown> | undefined {
    const pivot = this.state.ledger.entries.find(({ step }) => step.kind === 'pivot');
    if (this.state.phase !== 'committed' || pivot?.outcome?.kind !== 'succeeded') return undefined;
    return this.afterPivot(snapshot(pivot.outcome.output));
  }

  reach(milestone: string, value?: unknown): void {
    if (!this.state.ending) this.milestones.reach(milestone, value);
  }

  pivot<Input, Output>(step: Step<'pivot', Input, Output>, input: Input): Promise<Committed<Output>> {
    return awaitedLater(this.pass(step, input));
  }

  private async pass<Input, Output>(
    step: Step<'pivot', Input, Output>,
    input: Input,
  ): Promise<Committed<Output>> {
    if (!this.state.ending) refuseInCancelledScope(step);
    const sent = snapshot(input);
    const doubt = this.orchestrator.resets.check();
    if (doubt) await doubt;
    const unwinding = this.state.approachPivot(step);
    if (!unwinding) return await never();
    await this.orchestrator.unwound(unwinding);
    return this.afterPivot(await this.forward<Output>(step, sent));
  }

  private afterPivot<Output>(output: Output): Committed<Output> {
    return { output, run: (next, nextInput) => awaitedLater(this.forward(next, nextInput)) };
  }
}
