import { asyncLocalStorage, Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { Placement, StepCall, StepKind } from '../saga';
import type { Effect } from './effect';
import { isBeforePivot, type OperationName } from './fault';
import { InMemoryBackend } from './in-memory-backend';
import type { FaultedAttempt, InjectedFault } from './injected-fault';
import type { ParticipantBackend } from './participant-backend';
import { declaredName, type SagaUnderTest } from './saga-under-test';
import type { ParticipantInterceptor, SeenOperation } from './seen-operation';

/** The participants of one run of a saga. They meet injected faults, and keep a ledger of effects. */
export class Participants {
  readonly operations = new Map<OperationName, SeenOperation>();
  private readonly contexts = new Map<OperationName, Context>();
  private tick = 0;
  private answersReleased: Promise<void> = Promise.resolve();
  /** Lets the answers go that {@link holdAnswers} holds back. */
  releaseAnswers: () => void = () => undefined;

  constructor(
    private readonly saga: SagaUnderTest,
    private readonly sagaId: string,
    private readonly placement: Placement,
    readonly faults: readonly InjectedFault[],
    private readonly watch?: (action: SeenOperation) => Promise<void>,
    private readonly interceptor: ParticipantInterceptor = (_, next) => next(),
    private readonly backend: ParticipantBackend = new InMemoryBackend(saga),
  ) {}

  /** What happened, in order. */
  get effects(): readonly Effect[] {
    return this.backend.effects;
  }

  /** What is wrong with them when all is over. */
  findProblems(): string[] {
    return this.backend.findProblems();
  }

  /** How many attempts have arrived or ended. */
  get ticks(): number {
    return this.tick;
  }

  /** Whether a saga is the one of this run, or nested in it. */
  has(sagaId: string): boolean {
    return sagaId === this.sagaId || sagaId.startsWith(`${this.sagaId}.`);
  }

  /** The saga's workflow, and those of its nested sagas that have asked for an operation. */
  get workflowIds(): string[] {
    return [...new Set([this.sagaId, ...[...this.operations.values()].map(({ workflowId }) => workflowId)])];
  }

  /** Whether the saga learns of an answer at once; of steps that run inside a workflow task and overlap, it learns together. */
  isToldAtOnce({ call, kind }: SeenOperation): boolean {
    return !this.isExpress(call) || call.op !== 'do' || kind === 'read-only';
  }

  /** A nested saga has a placement of its own. */
  private isExpress({ sagaId }: StepCall): boolean {
    return this.placement === 'express' && sagaId === this.sagaId;
  }

  /** Handles an attempt of an operation. */
  async handle(argument: unknown, call: StepCall): Promise<unknown> {
    const operation = this.see(argument, call);
    const attempt: FaultedAttempt = {
      ordinal: operation.attempts,
      round: operation.round,
      triedOn: this.isExpress(call) || call.op === 'undo' || !isBeforePivot(operation.kind),
    };
    const met = this.faults.filter(({ fault }) => fault.at === operation.name);
    // While the latest attempt runs, nobody waits any more for those before it.
    const isLatest = () => operation.attempts === attempt.ordinal;
    try {
      if (call.op === 'do' && operation.attempts === 1) await this.watch?.(operation);
      for (const fault of met) await fault.before(attempt);
      const output = await this.interceptor({ argument, call, operation }, () =>
        Promise.resolve(this.perform(argument, operation, met)),
      );
      for (const fault of met) await fault.after(attempt);
      if (met.length === 0) await Promise.race([this.answersReleased, Context.current().cancelled]);
      operation.answered = true;
      return output;
    } finally {
      this.tick++;
      if (isLatest()) operation.ended = this.tick;
    }
  }

  /** Holds back the answers of all operations that meet no fault, until {@link releaseAnswers}. */
  holdAnswers(): void {
    this.answersReleased = new Promise((resolve) => {
      this.releaseAnswers = resolve;
    });
  }

  /** The actions that have been answered. */
  get answered(): SeenOperation[] {
    return [...this.operations.values()].filter(
      ({ call, answered, ended }) => call.op === 'do' && answered && ended !== undefined,
    );
  }

  /** Delivers an operation once more, behind the orchestrator's back. */
  async deliverAgain(at: OperationName): Promise<'answered' | 'blocked' | 'refused' | undefined> {
    const operation = this.operations.get(at);
    if (!operation) return undefined;
    try {
      const met = this.faults.filter(({ fault }) => fault.at === at);
      await this.inContextOf(at, () => this.perform(operation.argument, operation, met));
      return 'answered';
    } catch (error) {
      return error instanceof ApplicationFailure && error.type === 'ACTION_BLOCKED' ? 'blocked' : 'refused';
    }
  }

  /** Does what an operation asks for, or has it undone, as an operator does it, by hand. @returns the answer */
  async doByHand(at: OperationName): Promise<unknown> {
    const operation = this.operations.get(at);
    if (!operation) return undefined;
    const output = await this.inContextOf(at, () => this.backend.perform(operation.argument, operation));
    operation.answered = true;
    return output;
  }

  /** What comes besides an attempt has the context of the latest one. */
  private async inContextOf<T>(at: OperationName, work: () => T): Promise<Awaited<T>> {
    const context = this.contexts.get(at);
    return await (context ? asyncLocalStorage.run(context, work) : work());
  }

  private see(argument: unknown, call: StepCall): SeenOperation {
    const step = `${call.sagaId}.${call.step}`.slice(this.sagaId.length + 1);
    const name: OperationName = `${call.op} ${step}`;
    const { attempt, workflowExecution, taskQueue, currentAttemptScheduledTimestampMs } =
      Context.current().info;
    const arrived = ++this.tick;
    const known = this.operations.get(name);
    const operation: SeenOperation = known ?? {
      name,
      call,
      step,
      workflowId: workflowExecution?.workflowId ?? call.sagaId,
      argument,
      kind: call.kind ?? this.kindOf(step),
      arrived,
      attempts: 0,
      round: 0,
      answered: false,
      taskQueue,
      at: currentAttemptScheduledTimestampMs,
    };
    if (!known) this.operations.set(name, operation);
    this.contexts.set(name, Context.current());
    if (attempt === 1) operation.round++;
    operation.attempts++;
    delete operation.ended;
    return operation;
  }

  private kindOf(step: string): StepKind {
    return this.operations.get(`do ${step}`)?.kind ?? 'compensatable';
  }

  private perform(argument: unknown, operation: SeenOperation, met: readonly InjectedFault[]): unknown {
    const refusing = operation.call.op === 'do' && met.find(({ fault }) => fault.kind === 'refused');
    if (!refusing) return this.backend.perform(argument, operation);
    refusing.fired = true;
    return this.backend.perform(argument, operation, this.refusalOf(operation.step));
  }

  private refusalOf(step: string): string {
    const declared = this.saga.steps.find(({ name }) => name === declaredName(step));
    return declared?.refusals[0] ?? 'REFUSED';
  }
}

/** Whether an operation is one of a saga that is a step. */
export function isNested({ step, call }: SeenOperation): boolean {
  return step !== call.step;
}
