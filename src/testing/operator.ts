import { SagaClientError, type SagaOutcome } from '../client';
import type { SagaReport } from '../saga';
import { helpWhileStuck } from './inject-reset';
import { ResettableRun } from './reset';
import type { RunningSaga } from './running-saga';
import type { Simulation } from './simulation/simulation';

const ASK_AGAIN_MS = 10_000;

/** Whoever resets a saga, or terminates it, and then sees to it that it comes to an end. */
export class Operator {
  /** Whether the saga was reset. */
  hasReset = false;
  /** How its rescue has ended, if it was terminated. */
  rescued: SagaOutcome<unknown> | undefined;
  private hasTerminatedNested = false;
  /** When the saga was terminated, in the participants' ticks. */
  private terminatedAt = Infinity;
  private readonly end = new AbortController();
  private helping: Promise<void> | undefined;

  constructor(
    private readonly simulation: Simulation,
    private readonly running: RunningSaga,
  ) {}

  /** @param report of the saga, of the time when it ended */
  wasInterrupted(report?: SagaReport): boolean {
    const { terminatedAt, running } = this;
    if (this.hasTerminatedNested) return true;
    if (terminatedAt === Infinity) return false;
    const operations = [...running.participants.operations.values()];
    return (
      report?.reason !== undefined ||
      operations.some(({ call, arrived, ended = Infinity }) =>
        call.op === 'do' ? ended > terminatedAt : arrived <= terminatedAt,
      )
    );
  }

  /** @param task see {@link ResettableRun.resetToTask} */
  async reset(task: number): Promise<void> {
    const { client, sagaId } = this.running;
    await (await ResettableRun.of(client.temporal, sagaId)).resetToTask(task);
    this.hasReset = true;
    this.help();
  }

  /** @param workflowId the saga's, or that of a nested one */
  async terminate(workflowId: string): Promise<void> {
    const { client, participants, sagaId } = this.running;
    await client.temporal.workflow.getHandle(workflowId).terminate('by an operator');
    if (workflowId === sagaId) this.terminatedAt = Math.min(participants.ticks, this.terminatedAt);
    else this.hasTerminatedNested = true;
    this.help();
  }

  /**
   * Rescues a saga that was terminated, and once more when nothing is on its way any more, as an audit does. One that has passed
   * its pivot goes on from its last workflow task instead.
   * @param over waits until the saga is over
   * @param quiet waits until nothing is on its way
   */
  async settle(over: () => Promise<void>, quiet: () => Promise<void>): Promise<void> {
    const { client, sagaId } = this.running;
    // One that the server has terminated, at one of its limits, has broken its promise.
    const isTerminated = async () =>
      this.terminatedAt < Infinity && (await client.outcome(sagaId)).kind === 'terminated';
    while ((await isTerminated()) && !(await this.isRescued())) {
      await this.reset(-1);
      await over();
    }
    await quiet();
    // What has arrived too late may be its pivot: then all of it is taken back.
    if (this.rescued && (await isTerminated()) && !(await this.isRescued())) await this.isRescued('reverse');
    this.end.abort();
    await this.helping?.catch((error: unknown) =>
      this.running.problem(`an operator cannot help: ${String(error)}`),
    );
  }

  /** @returns whether it could be: a saga that has begun its pivot cannot be rescued */
  private async isRescued(verb: 'rescue' | 'reverse' = 'rescue'): Promise<boolean> {
    const { client, sagaId, stage } = this.running;
    try {
      const { rescueId } = await client[verb](sagaId);
      this.rescued = await client.waitForClose(rescueId);
    } catch (error) {
      if (!(error instanceof SagaClientError)) throw error;
      switch (error.code) {
        case 'PIVOT_PASSED':
          return false;
        case 'NOTHING_TO_UNDO':
          this.rescued ??= { kind: 'completed', result: undefined };
          break;
        case 'SAGA_RUNNING':
          // One that is nested in it, or one whose worker has not learned yet that it was terminated.
          await client.waitForClose(error.sagaId);
          await stage.sleep(ASK_AGAIN_MS);
          return await this.isRescued(verb);
        default:
          this.running.problem(`an operator cannot ${verb} it: ${error.code}: ${error.message}`);
      }
    }
    return true;
  }

  private help(): void {
    const { simulation, end } = this;
    const until = async (holds: () => Promise<boolean>) => {
      await simulation.whenTold(holds, () => end.signal.aborted);
      return !end.signal.aborted;
    };
    const running = { ...this.running, stage: { ...this.running.stage, until } };
    this.helping ??= helpWhileStuck(running, [], running.sagaId, end.signal);
    this.helping.catch(() => undefined);
  }
}
