import type { Duration } from '@temporalio/common';
import { msToNumber } from '@temporalio/common/lib/time';
import { condition } from '@temporalio/workflow';
import { snapshot } from './core/snapshot';
import { summaryLine } from './markdown';
import type { Milestones } from './milestone';
import { never } from './never';
import type { Orchestrator } from './orchestrator';
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
    this.state.waits.add(wait);
    this.orchestrator.changed();
    try {
      if (timeout !== undefined) return await condition(holds, timeout, { summary: summaryLine(what) });
      await condition(holds);
      return true;
    } finally {
      this.state.waits.delete(wait);
      this.orchestrator.changed();
    }
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
    const doubt = this.orchestrator.afterReset();
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
