import type { Interruption } from '../../src/saga/core/interruptions';
import type { Entry, Outcome } from '../../src/saga/core/entry';
import { SagaState } from '../../src/saga/core/saga-state';
import type { StuckPolicy } from '../../src/saga/definition';
import type { Program } from '../saga/program';
import { BodyModel } from './body-model';
import { requireEnd, requireRecorded, requireTruth, requireUndoInOrder } from './invariants';
import type { ParticipantsModel } from './participants-model';

/** What may happen next, as `verb subject`, such as `refuse a`, `cancel`, `update review=yes` or `late review`. */
export type Choice = string;

export interface ModelOptions {
  readonly policy?: StuckPolicy;
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

/** One run of a program on the state machine, with the rest of the world under the explorer's command. */
export class ModelRun {
  readonly state: SagaState;
  private readonly body: BodyModel;
  /** The operations that were called and have not answered. */
  private readonly calls = new Map<Entry, 'do' | 'undo'>();
  private readonly usedUp = new Map<string, number>();
  private readonly interruptionsLeft: Interruption[];
  private readonly messagesLeft: Choice[];
  /** Actions of an express saga that begin in another workflow task. */
  private readonly postponed: Entry[] = [];
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
  private recordedCalls: readonly Entry[] = [];

  constructor(
    program: Program,
    private readonly participants: ParticipantsModel,
    private readonly options: ModelOptions,
  ) {
    this.state = new SagaState(options.policy ?? {}, options.express ?? false, () => 0);
    this.interruptionsLeft = [...options.interruptions];
    this.messagesLeft = [...(options.messages ?? [])];
    this.body = new BodyModel(this.state, (entry) => this.call(entry));
    this.body.start(program);
    this.settle();
    if (this.isAtRest) this.keepCalls();
  }

  /** Everything that may happen now, in a fixed order. Nothing when the saga is over. */
  get choices(): Choice[] {
    if (this.state.over) return [];
    return [
      ...[...this.calls].flatMap(([entry, op]) =>
        op === 'do' ? this.answers(entry) : this.undoAnswers(entry),
      ),
      ...this.state.ledger.entries.flatMap((entry) => this.decisions(entry)),
      ...new Set(this.interruptionsLeft),
      ...[...new Set(this.messagesLeft)].filter((message) => this.maySend(message)),
      ...this.timed.filter((question) => !this.timeIsUp.has(question)).map((question) => `late ${question}`),
    ];
  }

  /** No step runs that is not in the history: the workflow task ends. */
  get isAtRest(): boolean {
    return [...this.calls.keys()].every((entry) => this.isInHistory(entry));
  }

  /** Whether an action waits for the next workflow task. */
  get isPostponed(): boolean {
    return this.postponed.length > 0;
  }

  /** Whether what happened is in the history from the beginning, and comes again when its workflow task is repeated. */
  isMessage(choice: Choice): boolean {
    const [verb, id] = choice.split(' ');
    if (verb === 'signal' || verb === 'late' || verb === 'cancel' || verb === 'deadline') return true;
    return verb === 'undone' || verb === 'fail-undo' || (id !== undefined && isRead(this.entry(id)));
  }

  /** Whether it is an Update: in the history only when its workflow task is. */
  isUpdate(choice: Choice): boolean {
    return /^(update|abandon|retry|resolve|skip)\b/.test(choice);
  }

  /** The workflow task ends, and what happened in it is in the history. What waited for that begins in the next one. */
  endTask(): void {
    this.task += 1;
    this.unrecorded = [];
    this.keepCalls();
    for (const entry of this.postponed.splice(0)) this.call(entry);
    this.settle();
  }

  apply(choice: Choice): void {
    const [verb = '', id = ''] = choice.split(' ');
    const entry = this.entry(id);
    if (this.isUpdate(choice) && verb !== 'update') this.hear(choice);
    if (verb === 'update' || verb === 'signal') this.send(choice);
    else if (verb === 'late') this.endTimer(id);
    else if (!entry) this.interrupt(verb as Interruption);
    else if (this.calls.get(entry) === 'do') this.answer(entry, verb);
    else if (this.calls.get(entry) === 'undo') this.answerUndo(entry, verb);
    else this.decide(entry, verb);
    if (this.isMessage(choice) || this.isUpdate(choice)) this.waiting.push(choice);
    this.settle();
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
      [...this.calls.values()],
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

  /** What the orchestrator does after each change: the body goes on, then compensations begin. */
  private settle(): void {
    const { state } = this;
    for (;;) {
      if (this.body.goOn()) continue;
      if (state.fault) throw new Error(`the body failed after its pivot: ${state.fault.message}`);
      if (!state.canAdvance) break;
      for (const { entry } of state.advance()) {
        requireUndoInOrder(state, entry);
        this.calls.set(entry, 'undo');
      }
    }
    if (!state.turns.anyWaits) this.waiting = [];
    if (!this.options.express) this.keepCalls();
    if (state.over) {
      requireEnd(state, this.participants);
      requireTruth(this.accepted, this.body.answered);
    }
  }

  /** What the history holds now, with the timers that the body has begun. */
  private keepCalls(): void {
    this.recordedCalls = [...this.calls.keys()];
    this.timed = this.body.questions;
  }

  /** Calls the action, in this workflow task if it may be. */
  private call(entry: Entry): void {
    const inTask = !this.isInHistory(entry);
    if (inTask && !this.state.mayRunInTask(this.task)) {
      this.postponed.push(entry);
      return;
    }
    if (inTask) requireRecorded(entry, this.unrecorded);
    this.calls.set(entry, 'do');
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
    if (this.options.express) this.state.received(letIn, verb === 'update' ? task : undefined);
    else letIn();
  }

  private endTimer(question: string): void {
    this.timed = this.timed.filter((one) => one !== question);
    this.timeIsUp.add(question);
    const letIn = () => {
      this.timeIsUp.delete(question);
      this.body.late(question);
    };
    if (this.options.express) this.state.received(letIn);
    else letIn();
  }

  /** A decision of the desk has no turn to wait for. */
  private hear(choice: Choice): void {
    this.state.heard(this.task);
    this.unrecorded.push(choice);
  }

  private answers(entry: Entry): Choice[] {
    const { id, step } = entry;
    if (this.isInHistory(entry) && !this.recordedCalls.includes(entry)) return [];
    const stored = this.participants.answer(id);
    if (stored === 'blocked') return [`find-blocked ${id}`];
    const possible = stored
      ? [stored === 'refused' ? 'refuse' : 'succeed']
      : ['succeed', ...(step.refusals.length > 0 ? ['refuse'] : [])];
    const mayBeLost = this.mayUseUp(id, 'do');
    const lost = !mayBeLost ? [] : stored === 'succeeded' ? ['lose-after'] : ['lose-before', 'lose-after'];
    return [...possible, ...lost].map((verb) => `${verb} ${id}`);
  }

  private answer(entry: Entry, verb: string): void {
    const { id, step } = entry;
    if (!isRead(entry) && (verb === 'succeed' || verb === 'lose-after')) this.participants.act(id);
    if (!isRead(entry) && verb === 'refuse') this.participants.refuse(id);
    const outcome: Outcome =
      verb === 'succeed'
        ? { kind: 'succeeded', output: { did: step.name } }
        : verb === 'refuse'
          ? { kind: 'refused', failure: { code: 'NO', message: 'no' } }
          : { kind: 'unknown', failure };
    this.calls.delete(entry);
    if (outcome.kind === 'unknown') this.countUsedUp(id, 'do');
    if (outcome.kind === 'unknown' && this.state.isPersistent(entry)) {
      this.state.ledger.stuck(entry, 'do', failure);
      return;
    }
    if (entry.stuck) this.state.unstuck(entry);
    this.body.settled(entry, outcome);
  }

  private undoAnswers(entry: Entry): Choice[] {
    const { id } = entry;
    if (!this.recordedCalls.includes(entry)) return [];
    return [`undone ${id}`, ...(this.mayUseUp(id, 'undo') ? [`fail-undo ${id}`] : [])];
  }

  private answerUndo(entry: Entry, verb: string): void {
    const { ledger } = this.state;
    this.calls.delete(entry);
    if (verb === 'fail-undo') {
      this.countUsedUp(entry.id, 'undo');
      ledger.stuck(entry, 'undo', failure);
      return;
    }
    this.participants.undo(entry.id);
    if (entry.stuck) this.state.unstuck(entry);
    this.state.turns.arrived(() => ledger.endUndo(entry));
  }

  /** What the desk can do about a stuck operation; the end of the pause does what `retry` does. */
  private decisions({ id, stuck }: Entry): Choice[] {
    if (!stuck || this.isCalled(id) || this.postponed.some((entry) => entry.id === id)) return [];
    // Who does by hand what the participant has refused does not look first.
    const mayResolve = stuck.op === 'undo' || this.participants.answer(id) !== 'refused';
    return [
      `retry ${id}`,
      ...(mayResolve ? [`resolve ${id}`] : []),
      ...(stuck.op === 'undo' ? [`skip ${id}`] : []),
    ];
  }

  private decide(entry: Entry, verb: string): void {
    const { desk, ledger } = this.state;
    const op = entry.stuck?.op ?? 'do';
    const decision = { ...SIGNATURE, step: entry.id };
    if (verb === 'retry') {
      desk.checkRetry(decision);
      if (op === 'do') this.call(entry);
      else this.calls.set(entry, op);
      return;
    }
    if (verb === 'skip') desk.checkSkip(decision);
    else desk.checkResolve(op === 'do' ? { ...decision, output: { did: 'by hand' } } : decision);
    if (verb === 'resolve') {
      if (op === 'do' && !isRead(entry)) this.participants.act(entry.id);
      if (op === 'undo') this.participants.undo(entry.id);
    }
    this.state.unstuck(entry);
    if (op === 'undo') this.state.turns.arrived(() => ledger.endUndo(entry, verb === 'skip'));
    else this.body.settled(entry, { kind: 'succeeded', output: { did: 'by hand' } });
  }

  private interrupt(by: Interruption): void {
    this.interruptionsLeft.splice(this.interruptionsLeft.indexOf(by), 1);
    // As the desk's validator does.
    if (by === 'abandon' && (this.state.phase !== 'forward' || this.state.ending)) return;
    this.state.interrupt(by);
    this.state.takeCancellations();
  }

  private entry(id: string): Entry | undefined {
    return this.state.ledger.entries.find((each) => each.id === id);
  }

  /** Whether an operation is called by the server: all but the actions of an express saga. */
  private isInHistory(entry: Entry): boolean {
    return !this.options.express || this.calls.get(entry) === 'undo' || isRead(entry);
  }

  private isCalled(id: string): boolean {
    return [...this.calls.keys()].some((entry) => entry.id === id);
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
