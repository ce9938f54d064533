import type { Interruption } from '../../src/saga/core/interruptions';
import { refuseAbandon, refuseResolve, refuseRetry, refuseSkip } from '../../src/saga/core/desk-checks';
import { Driver, type World } from '../../src/saga/core/driver';
import type { Entry, Outcome } from '../../src/saga/core/entry';
import type { Command } from '../../src/saga/core/events';
import type { Rejection } from '../../src/saga/core/failures';
import type { Operation } from '../../src/saga/core/pending';
import type { CorePolicy } from '../../src/saga/core/policy';
import { SagaState } from '../../src/saga/core/state';
import type { Program } from '../saga/program';
import { BodyModel } from './body-model';
import { requireEnd, requireRecorded, requireTruth, requireUndoInOrder } from './invariants';
import type { ParticipantsModel } from './participants-model';

/** What may happen next, as `verb subject`, such as `refuse a`, `cancel`, `update review=yes` or `late review`. */
export type Choice = string;

export interface ModelOptions {
  readonly policy?: CorePolicy;
  readonly express?: boolean;
  /** How often each operation may use up a round. */
  readonly usedUp: number;
  /** What may come from outside, each as often as it is named. */
  readonly interruptions: readonly Interruption[];
  /** What the body may be sent, each as often as it is named: `update question=answer` or `signal question=answer`. */
  readonly messages?: readonly Choice[];
}

const SIGNATURE = { actor: 'ada', reason: 'explored' };
const failure = { code: 'LOST', message: 'no answer' };

/** More than any small saga has to conclude at once. */
const MOST_ROUNDS = 1_000;

/** One run of a program by the engine's own driver, in a world that is under the explorer's command. */
export class ModelRun implements World {
  readonly state: SagaState;
  private readonly driver: Driver;
  private readonly body: BodyModel;
  /** The operations that were called and have not answered. */
  private readonly calls = new Set<Operation>();
  /** Those that used up a round, and wait to be tried again. */
  private readonly paused = new Set<Operation>();
  private readonly usedUp = new Map<string, number>();
  private readonly interruptionsLeft: Interruption[];
  private readonly messagesLeft: Choice[];
  /** Actions of an express saga that begin in another workflow task. */
  private readonly postponed: Operation[] = [];
  private task = 0;
  /** What of Updates the body was given that this workflow task has accepted. */
  private unrecorded: string[] = [];
  /** What the senders of Updates are answered when the workflow task ends, and were answered. */
  private readonly accepted: string[] = [];
  /** Choices whose turn may not have come. */
  private waiting: Choice[] = [];
  /** The questions whose time is counted by a timer in the history. */
  private timed: readonly string[] = [];
  /** Those whose time is up and whose turn has not come. */
  private readonly timeIsUp = new Set<string>();
  /** The calls that stand in the history, so that they come to their participant and are answered from there. */
  private recordedCalls: readonly Operation[] = [];

  constructor(
    program: Program,
    private readonly participants: ParticipantsModel,
    private readonly options: ModelOptions,
  ) {
    const { policy = {}, express = false } = options;
    this.state = new SagaState({ policy, express });
    this.driver = new Driver(this.state, this);
    this.interruptionsLeft = [...options.interruptions];
    this.messagesLeft = [...(options.messages ?? [])];
    this.body = new BodyModel(this.driver);
    this.body.start(program);
    this.settle();
    if (this.isAtRest) this.keepCalls();
  }

  /** Everything that may happen now, in a fixed order. Nothing when the saga is over. */
  get choices(): Choice[] {
    if (this.state.over) return [];
    return [
      ...[...this.calls].flatMap((operation) =>
        operation.type === 'act' ? this.answers(operation) : this.undoAnswers(operation),
      ),
      ...this.state.ledger.entries.flatMap((entry) => this.decisions(entry)),
      ...new Set(this.interruptionsLeft),
      ...[...new Set(this.messagesLeft)].filter((message) => this.maySend(message)),
      ...this.timed.filter((question) => !this.timeIsUp.has(question)).map((question) => `late ${question}`),
    ];
  }

  /** What clients and operators can still send. */
  get unsent(): readonly Choice[] {
    return [...this.messagesLeft, ...this.interruptionsLeft];
  }

  /** No step runs that is not in the history: the workflow task ends. */
  get isAtRest(): boolean {
    return [...this.calls].every((operation) => this.isInHistory(operation));
  }

  /** Whether an action waits for the next workflow task. */
  get isPostponed(): boolean {
    return this.postponed.length > 0;
  }

  /** Whether what happened is in the history from the beginning, and comes again when its workflow task is repeated. */
  isMessage(choice: Choice): boolean {
    const [verb, id] = choice.split(' ');
    if (verb === 'signal' || verb === 'late' || verb === 'cancel' || verb === 'deadline') return true;
    return (
      verb === 'undone' || verb === 'fail-undo' || (id !== undefined && isRead(this.state.ledger.find(id)))
    );
  }

  /** Whether it is an Update: in the history only when its workflow task is. */
  isUpdate(choice: Choice): boolean {
    return /^(update|abandon|retry|resolve|skip)\b/.test(choice);
  }

  /** The workflow task ends, and what happened in it is in the history. What waited for that begins in the next one. */
  endTask(): void {
    this.task += 1;
    this.state.activated();
    this.unrecorded = [];
    this.keepCalls();
    for (const operation of this.postponed.splice(0)) this.call(operation);
    this.settle();
  }

  apply(choice: Choice): void {
    this.state.activated();
    this.happen(choice);
    this.settle();
  }

  /** What comes with one workflow task, which the SDK gives the code at once, and not in the order in which it came. */
  applyAll(choices: readonly Choice[]): void {
    this.state.activated();
    const comesFirst = (choice: Choice) => this.isUpdate(choice) || choice.startsWith('signal');
    for (const choice of choices.filter(comesFirst)) this.happen(choice);
    for (const choice of choices.filter((one) => !comesFirst(one))) this.happen(choice);
    this.settle();
  }

  private happen(choice: Choice): void {
    const [verb = '', id = ''] = choice.split(' ');
    const operation = this.operation(id);
    if (this.isUpdate(choice) && verb !== 'update') this.hear(choice);
    if (verb === 'update' || verb === 'signal') this.send(choice);
    else if (verb === 'late') this.endTimer(id);
    else if (!operation) this.interrupt(verb as Interruption);
    else if (!this.calls.has(operation)) this.decide(operation, verb);
    else if (operation.type === 'act') this.answer(operation, verb);
    else this.answerUndo(operation, verb);
    if (this.isMessage(choice) || this.isUpdate(choice)) this.waiting.push(choice);
  }

  /** Two runs with the same key have the same future. */
  get key(): string {
    const { state } = this;
    return JSON.stringify([
      state.phase,
      state.ledger.entries.map(({ id, began, settled, outcome, undoing, stuck }) => [
        id,
        began,
        settled,
        outcome?.kind,
        undoing && (undoing.endedAt === undefined ? 'begun' : undoing.skipped ? 'skipped' : 'ended'),
        stuck?.rounds,
      ]),
      [...this.calls].map(({ type }) => (type === 'act' ? 'do' : 'undo')),
      [...this.usedUp],
      (['cancel', 'deadline', 'abandon'] as const).map((by) => state.interruptions.get(by)?.effect),
      this.interruptionsLeft,
      this.messagesLeft,
      this.body.answered,
      this.body.questions,
      this.timed,
      [...this.timeIsUp],
      this.accepted,
      this.unrecorded.length > 0,
      this.waiting,
      state.reason?.code,
      this.participants.key,
    ]);
  }

  now(): number {
    return 0;
  }

  perform(command: Exclude<Command, { readonly do: 'resume' }>): void {
    if (command.do === 'pause') this.paused.add(command.operation);
    if (command.do !== 'call') return;
    const { operation } = command;
    if (operation.type === 'compensate' && operation.round === 1)
      requireUndoInOrder(this.state, operation.entry);
    this.call(operation);
  }

  /** As the orchestrator's loop: the body goes on as far as it can, then the saga concludes something. */
  private settle(): void {
    const { state } = this;
    for (let rounds = 0; ; rounds++) {
      if (rounds > MOST_ROUNDS) throw new Error('it never comes to rest');
      if (this.body.goOn()) continue;
      if (state.fault) throw new Error(`the body failed after its pivot: ${state.fault.message}`);
      if (!this.driver.canConclude) break;
      this.driver.atRest();
    }
    if (!state.anyWaits) this.waiting = [];
    if (!this.options.express) this.keepCalls();
    if (state.over) {
      requireEnd(state, this.participants);
      requireTruth(this.accepted, this.body.answered);
    }
  }

  /** What the history holds now, with the timers that the body has begun. */
  private keepCalls(): void {
    this.recordedCalls = [...this.calls];
    this.timed = this.body.questions;
  }

  /** Calls the participant, in this workflow task if it may be. */
  private call(operation: Operation): void {
    const inTask = !this.isInHistory(operation);
    if (inTask && !this.state.mayRunInTask(this.task)) {
      this.postponed.push(operation);
      return;
    }
    if (inTask) requireRecorded(operation.entry, this.unrecorded);
    this.calls.add(operation);
  }

  private maySend(message: Choice): boolean {
    const [verb, question] = message.split(/[ =]/) as [string, string];
    return verb === 'signal' || this.body.mayAnswer(question);
  }

  /** As `sdk-internals.ts` does it: the body is given an answer in its turn, and the validator of an Update asked again. */
  private send(message: Choice): void {
    this.messagesLeft.splice(this.messagesLeft.indexOf(message), 1);
    const [verb, question, answer] = message.split(/[ =]/) as [string, string, string];
    const { task } = this;
    const letIn = () => {
      if (verb === 'update' && !this.body.mayAnswer(question)) return;
      if (verb === 'update') {
        this.accepted.push(`${question}=${answer}`);
        if (this.task === task) this.unrecorded.push(message);
      }
      this.body.answer(question, answer);
    };
    this.receive(letIn, task);
  }

  private endTimer(question: string): void {
    this.timed = this.timed.filter((one) => one !== question);
    this.timeIsUp.add(question);
    const letIn = () => {
      this.timeIsUp.delete(question);
      this.body.late(question);
    };
    this.receive(letIn);
  }

  private receive(letIn: () => void, sentIn?: number): void {
    if (!this.options.express) return letIn();
    const ticket = this.driver.ticketFor(letIn);
    this.driver.dispatch({ type: 'message-received', ticket, sentIn });
  }

  /** A decision of the desk has no turn to wait for. */
  private hear(choice: Choice): void {
    this.driver.dispatch({ type: 'to-be-recorded', task: this.task });
    this.unrecorded.push(choice);
  }

  private answers(operation: Operation): Choice[] {
    const { id, step } = operation.entry;
    if (this.isInHistory(operation) && !this.recordedCalls.includes(operation)) return [];
    const stored = this.participants.answer(id);
    if (stored === 'blocked') return [`find-blocked ${id}`];
    const possible = stored
      ? [stored === 'refused' ? 'refuse' : 'succeed']
      : ['succeed', ...(step.refusals.length > 0 ? ['refuse'] : [])];
    const mayBeLost = this.mayUseUp(id, 'do');
    const lost = !mayBeLost ? [] : stored === 'succeeded' ? ['lose-after'] : ['lose-before', 'lose-after'];
    return [...possible, ...lost].map((verb) => `${verb} ${id}`);
  }

  private answer(operation: Operation, verb: string): void {
    const { entry } = operation;
    const { id, step } = entry;
    if (!isRead(entry) && (verb === 'succeed' || verb === 'lose-after')) this.participants.act(id);
    if (!isRead(entry) && verb === 'refuse') this.participants.refuse(id);
    const outcome: Outcome =
      verb === 'succeed'
        ? { kind: 'succeeded', output: { did: step.name } }
        : verb === 'refuse'
          ? { kind: 'refused', failure: { code: 'NO', message: 'no' } }
          : { kind: 'unknown', failure };
    if (outcome.kind === 'unknown') this.countUsedUp(id, 'do');
    this.endRound(operation, outcome);
  }

  private undoAnswers(operation: Operation): Choice[] {
    const { id } = operation.entry;
    if (!this.recordedCalls.includes(operation)) return [];
    return [`undone ${id}`, ...(this.mayUseUp(id, 'undo') ? [`fail-undo ${id}`] : [])];
  }

  private answerUndo(operation: Operation, verb: string): void {
    const { id } = operation.entry;
    if (verb === 'fail-undo') this.countUsedUp(id, 'undo');
    else this.participants.undo(id);
    const failed = verb === 'fail-undo';
    this.endRound(operation, failed ? { kind: 'unknown', failure } : { kind: 'succeeded', output: null });
  }

  private endRound(operation: Operation, outcome: Outcome): void {
    this.calls.delete(operation);
    this.driver.dispatch({ type: 'answered', operation, outcome });
  }

  /** What the desk can do about a stuck operation; the end of the pause does what `retry` does. */
  private decisions({ id, stuck }: Entry): Choice[] {
    const operation = this.operation(id);
    if (!stuck || !operation || !this.paused.has(operation)) return [];
    // Who does by hand what the participant has refused does not look first.
    const mayResolve = stuck.op === 'undo' || this.participants.answer(id) !== 'refused';
    return [
      `retry ${id}`,
      ...(mayResolve ? [`resolve ${id}`] : []),
      ...(stuck.op === 'undo' ? [`skip ${id}`] : []),
    ];
  }

  private decide(operation: Operation, verb: string): void {
    const { driver, state } = this;
    const { entry, type } = operation;
    const decision = { ...SIGNATURE, step: entry.id };
    if (verb === 'retry') {
      requireAccepted(refuseRetry(state, decision));
      driver.dispatch({ type: 'desk-retried', decision });
    } else if (verb === 'skip') {
      requireAccepted(refuseSkip(state, decision, 0));
      driver.dispatch({ type: 'desk-skipped', decision });
    } else {
      const resolution = type === 'act' ? { ...decision, output: { did: 'by hand' } } : decision;
      requireAccepted(refuseResolve(state, resolution));
      if (type === 'compensate') this.participants.undo(entry.id);
      else if (!isRead(entry)) this.participants.act(entry.id);
      driver.dispatch({ type: 'desk-resolved', decision: resolution });
    }
    this.paused.delete(operation);
    driver.dispatch({ type: 'resumed', operation });
  }

  private interrupt(by: Interruption): void {
    this.interruptionsLeft.splice(this.interruptionsLeft.indexOf(by), 1);
    // As the desk's validator does.
    if (by === 'abandon' && refuseAbandon(this.state, SIGNATURE, '')) return;
    this.driver.dispatch({ type: 'interrupted', by });
  }

  /** The operation of an entry that is under way. */
  private operation(id: string): Operation | undefined {
    return this.state.operations.find(({ entry }) => entry.id === id);
  }

  /** Whether an operation is called by the server: all but the actions of an express saga. */
  private isInHistory({ type, entry }: Operation): boolean {
    return !this.options.express || type === 'compensate' || isRead(entry);
  }

  private mayUseUp(id: string, op: string): boolean {
    return (this.usedUp.get(`${op} ${id}`) ?? 0) < this.options.usedUp;
  }

  private countUsedUp(id: string, op: string): void {
    this.usedUp.set(`${op} ${id}`, (this.usedUp.get(`${op} ${id}`) ?? 0) + 1);
  }
}

function isRead(entry: Entry | undefined): boolean {
  return entry?.step.kind === 'read-only';
}

function requireAccepted(rejection: Rejection | undefined): void {
  if (rejection) throw new Error(`the desk does not accept it: ${rejection.message}`);
}
