import { isDeepStrictEqual } from 'node:util';
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { Operation, StepCall, StepKind, Undo } from '../saga';
import { isBeforePivot, type OperationName } from './fault';
import type { MetAttempt, PlantedFault } from './planted-fault';
import type { SagaUnderTest } from './saga-under-test';

/** A business effect. */
export interface Effect {
  readonly op: Operation;
  readonly step: string;
  readonly input: unknown;
  /** The action's answer; of an effect that is undone, the one it had. */
  readonly output: unknown;
  /** Of an effect that is undone: why, as the participant was told. */
  readonly reason?: string;
}

/** An operation as the participants saw it. Ticks count arrivals and ends of attempts in one saga. */
export interface SeenOperation {
  readonly name: OperationName;
  readonly call: StepCall;
  readonly argument: unknown;
  /** Of the step. */
  readonly kind: StepKind;
  /** The tick at which its first attempt arrived. */
  readonly arrived: number;
  /** The tick at which its last attempt ended; absent while one runs. */
  ended?: number;
  attempts: number;
  round: number;
  /** Whether its last attempt gave an answer. */
  answered: boolean;
}

type Row =
  | { readonly state: 'blocked' }
  | { readonly state: 'refused'; readonly code: string }
  | { readonly state: 'done'; readonly input: unknown; readonly output: unknown; undone: boolean };

/**
 * The participants of one run of a saga, in memory. They act once by key, undo once, block what comes after its
 * compensation (B1–B5), meet planted faults, and keep a ledger of effects.
 */
export class Participants {
  /** What happened, in order. */
  readonly effects: Effect[] = [];
  readonly operations = new Map<OperationName, SeenOperation>();
  private readonly rows = new Map<string, Row>();
  private tick = 0;
  private thawed: Promise<void> = Promise.resolve();
  /** Lets the answers go that {@link freeze} holds back. */
  thaw: () => void = () => undefined;

  constructor(
    private readonly saga: SagaUnderTest,
    readonly faults: readonly PlantedFault[],
    private readonly express: boolean,
  ) {}

  /** Plays an attempt of an operation. */
  async play(argument: unknown, call: StepCall): Promise<unknown> {
    const operation = this.see(argument, call);
    const attempt: MetAttempt = {
      ordinal: operation.attempts,
      round: operation.round,
      triedOn: this.express || call.op === 'undo' || !isBeforePivot(operation.kind),
    };
    const met = this.faults.filter(({ fault }) => fault.at === operation.name);
    try {
      for (const fault of met) await fault.before(attempt);
      const output = this.perform(argument, call, met);
      for (const fault of met) await fault.after(attempt);
      if (met.length === 0) await Promise.race([this.thawed, Context.current().cancelled]);
      operation.answered = true;
      return output;
    } finally {
      operation.ended = ++this.tick;
    }
  }

  /** Holds back the answers of all operations that meet no fault, until {@link thaw}. */
  freeze(): void {
    this.thawed = new Promise((resolve) => {
      this.thaw = resolve;
    });
  }

  /** The steps whose action has been answered. */
  get answered(): string[] {
    return [...this.operations.values()]
      .filter(({ call, answered, ended }) => call.op === 'do' && answered && ended !== undefined)
      .map(({ call }) => call.step);
  }

  /** Delivers an action once more, behind the orchestrator's back. */
  deliverLate(at: OperationName): 'answered' | 'blocked' | 'refused' | undefined {
    const operation = this.operations.get(at);
    if (!operation) return undefined;
    try {
      this.act(operation.argument, operation.call);
      return 'answered';
    } catch (error) {
      return error instanceof ApplicationFailure && error.type === ACTION_BLOCKED ? 'blocked' : 'refused';
    }
  }

  /** Undoes a step as an operator does it, by hand. */
  undoByHand(at: OperationName): void {
    const operation = this.operations.get(at);
    if (operation) this.undo(operation.argument as Undo<unknown, unknown>, operation.call);
  }

  private see(argument: unknown, call: StepCall): SeenOperation {
    const name: OperationName = `${call.op} ${call.step}`;
    const { attempt } = Context.current().info;
    const arrived = ++this.tick;
    const known = this.operations.get(name);
    const operation: SeenOperation = known ?? {
      name,
      call,
      argument,
      kind: call.kind ?? this.kindOf(call.step),
      arrived,
      attempts: 0,
      round: 0,
      answered: false,
    };
    if (!known) this.operations.set(name, operation);
    if (attempt === 1) operation.round++;
    operation.attempts++;
    operation.answered = false;
    delete operation.ended;
    return operation;
  }

  private kindOf(step: string): StepKind {
    return this.operations.get(`do ${step}`)?.kind ?? 'compensatable';
  }

  private perform(argument: unknown, call: StepCall, met: readonly PlantedFault[]): unknown {
    const refusing = met.find(({ fault }) => fault.kind === 'refused');
    if (call.op === 'undo') return this.undo(argument as Undo<unknown, unknown>, call);
    if (!refusing) return this.act(argument, call);
    refusing.fired = true;
    this.rows.set(call.step, { state: 'refused', code: this.refusalOf(call.step) });
    return this.act(argument, call);
  }

  /** B1, B2, B4, B5. */
  private act(input: unknown, call: StepCall): unknown {
    const row = this.rows.get(call.step);
    if (row?.state === 'blocked') {
      throw ApplicationFailure.nonRetryable(`${call.step} came after its compensation`, ACTION_BLOCKED);
    }
    if (row?.state === 'refused') throw ApplicationFailure.nonRetryable(`${call.step} was refused`, row.code);
    if (row?.state === 'done') {
      if (isDeepStrictEqual(row.input, input)) return row.output;
      throw ApplicationFailure.nonRetryable(`${call.step} was called with another input`, 'KEY_CONFLICT');
    }
    const output = this.answerOf(call.step)(input);
    this.rows.set(call.step, { state: 'done', input, output, undone: false });
    if (call.kind !== 'read-only') this.effects.push({ op: 'do', step: call.step, input, output });
    return output;
  }

  /** B3. */
  private undo({ input }: Undo<unknown, unknown>, call: StepCall): void {
    const row = this.rows.get(call.step);
    if (!row) this.rows.set(call.step, { state: 'blocked' });
    if (row?.state !== 'done' || row.undone) return;
    row.undone = true;
    const { reason } = call;
    this.effects.push({
      op: 'undo',
      step: call.step,
      input,
      output: row.output,
      ...(reason !== undefined && { reason }),
    });
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

/** The n-th run of a step in one saga is called `name#n`. */
export function declaredName(step: string): string {
  return step.replace(/#\d+$/, '');
}
