import { isDeepStrictEqual } from 'node:util';
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { Placement, Probed, StepCall, StepKind, Undo } from '../saga';
import type { Effect } from './effect';
import { isBeforePivot, type OperationName } from './fault';
import type { FaultedAttempt, InjectedFault } from './injected-fault';
import type { SagaUnderTest } from './saga-under-test';
import type { ParticipantInterceptor, SeenOperation } from './seen-operation';

type Row =
  | { readonly state: 'blocked' }
  | { readonly state: 'refused'; readonly code: string }
  | { readonly state: 'done'; readonly input: unknown; readonly output: unknown; undone: boolean };

/**
 * The participants of one run of a saga, in memory. They act once by key, undo once, block what comes after its
 * compensation, whether it had acted before or not (B1–B5, B8), meet injected faults, and keep a ledger of effects.
 */
export class Participants {
  /** What happened, in order. */
  readonly effects: Effect[] = [];
  readonly operations = new Map<OperationName, SeenOperation>();
  private readonly rows = new Map<string, Row>();
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
  ) {}

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

  /** Delivers an action once more, behind the orchestrator's back. */
  deliverAgain(at: OperationName): 'answered' | 'blocked' | 'refused' | undefined {
    const operation = this.operations.get(at);
    if (!operation) return undefined;
    try {
      const met = this.faults.filter(({ fault }) => fault.at === at);
      this.perform(operation.argument, operation, met);
      return 'answered';
    } catch (error) {
      return error instanceof ApplicationFailure && error.type === ACTION_BLOCKED ? 'blocked' : 'refused';
    }
  }

  /** Undoes a step as an operator does it, by hand. */
  undoByHand(at: OperationName): void {
    const operation = this.operations.get(at);
    if (operation) this.undo(operation.argument as Undo<unknown, unknown>, operation);
  }

  /** Acts for a step as an operator does it, by hand. @returns the answer */
  doByHand(at: OperationName): unknown {
    const operation = this.operations.get(at);
    if (!operation) return undefined;
    const output = this.act(operation.argument, operation);
    operation.answered = true;
    return output;
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
    if (attempt === 1) operation.round++;
    operation.attempts++;
    delete operation.ended;
    return operation;
  }

  private kindOf(step: string): StepKind {
    return this.operations.get(`do ${step}`)?.kind ?? 'compensatable';
  }

  private perform(argument: unknown, operation: SeenOperation, met: readonly InjectedFault[]): unknown {
    const { call, step } = operation;
    const refusing = met.find(({ fault }) => fault.kind === 'refused');
    if (call.op === 'undo') return this.undo(argument as Undo<unknown, unknown>, operation);
    if (call.op === 'probe') return this.probe(step);
    if (!refusing) return this.act(argument, operation);
    refusing.fired = true;
    this.rows.set(step, { state: 'refused', code: this.refusalOf(step) });
    return this.act(argument, operation);
  }

  /** B1, B2, B4, B5, B8. */
  private act(input: unknown, { call, step }: SeenOperation): unknown {
    const row = this.rows.get(step);
    if (row?.state === 'blocked' || (row?.state === 'done' && row.undone)) {
      throw ApplicationFailure.nonRetryable(`${step} came after its compensation`, ACTION_BLOCKED);
    }
    if (row?.state === 'refused') throw ApplicationFailure.nonRetryable(`${step} was refused`, row.code);
    if (row?.state === 'done') {
      if (isDeepStrictEqual(row.input, input)) return row.output;
      throw ApplicationFailure.nonRetryable(`${step} was called with another input`, 'KEY_CONFLICT');
    }
    const output = this.answerOf(step)(input);
    this.rows.set(step, { state: 'done', input, output, undone: false });
    if (call.kind !== 'read-only') this.effects.push({ op: 'do', step, input, output });
    return output;
  }

  /** B3. That its input is the action's is for `findBrokenPromises` to say, sooner than a saga that is stuck would. */
  private undo({ input }: Undo<unknown, unknown>, { call, step }: SeenOperation): void {
    const row = this.rows.get(step);
    if (!row) this.rows.set(step, { state: 'blocked' });
    if (row?.state !== 'done' || row.undone) return;
    row.undone = true;
    const { reason } = call;
    this.effects.push({
      op: 'undo',
      step,
      input,
      output: row.output,
      ...(reason !== undefined && { reason }),
    });
  }

  /** What is not there may still be on its way: only what is refused or blocked is never going to happen. */
  private probe(step: string): Probed<unknown> {
    const row = this.rows.get(step);
    if (!row) return { happened: 'unknown' };
    return row.state === 'done' ? { happened: 'yes', output: row.output } : { happened: 'no' };
  }

  private answerOf(step: string): (input: unknown) => unknown {
    const answer = this.saga.answers.get(declaredName(step));
    if (!answer) throw ApplicationFailure.nonRetryable(`no answer is given for ${step}`, 'UNDECLARED_STEP');
    return answer;
  }

  private refusalOf(step: string): string {
    const declared = this.saga.steps.find(({ name }) => name === declaredName(step));
    return declared?.refusals[0] ?? 'REFUSED';
  }
}

const ACTION_BLOCKED = 'ACTION_BLOCKED';

/** Whether an operation is one of a saga that is a step. */
export function isNested({ step, call }: SeenOperation): boolean {
  return step !== call.step;
}

/** The n-th run of a step in one saga is called `name#n`; one in a saga that is the step `outer`, `outer.name`. */
export function declaredName(step: string): string {
  return step.replace(/#\d+$/, '').replace(/^.*\./, '');
}
