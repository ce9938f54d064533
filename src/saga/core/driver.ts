import type { Entry } from './entry';
import type { Command, Happened } from './events';
import { type Reason, SagaUsageError } from './failures';
import type { Result, StepRequest, Ticket } from './pending';
import type { SavePoint } from './save-point';
import type { SagaState } from './state';
import type { StepData } from './step';
import { transition } from './transition';
import { canConclude } from './unwinding';

/** What the driver needs of the world that a saga runs in: Temporal's, or an explorer's. */
export interface World {
  /** In epoch milliseconds. */
  now(): number;
  /** Does what a command says, or begins to: what it ends with is dispatched as an event. */
  perform(command: Exclude<Command, { readonly do: 'resume' }>): void;
}

/** What a step, or another question of the engine, is answered. */
export interface Answer {
  readonly entry: Entry;
  readonly result: Result;
}

/**
 * Runs one saga: has the state machine decide about what happens, and the world do what it says. Whoever asks for something
 * goes on by a callback, which is never called if it may not go on any more.
 */
export class Driver {
  private readonly waiting = new Map<Ticket, (answer?: Answer) => void>();
  private tickets = 0;

  constructor(
    readonly state: SagaState,
    private readonly world: World,
  ) {}

  /** Something happened. @returns whether anything was to be done about it. */
  dispatch(event: Happened): boolean {
    const commands = transition(this.state, { ...event, at: this.world.now() });
    for (const command of commands) {
      if (command.do === 'resume') this.resume(command);
      else this.world.perform(command);
    }
    return commands.length > 0;
  }

  /** Whether there is something to conclude when the body has gone on as far as it can. */
  get canConclude(): boolean {
    return canConclude(this.state);
  }

  /**
   * The body has gone on as far as it can. To be called while there is something to conclude.
   * @returns whether anything was to be done about it: if not, the body is at rest still.
   */
  atRest(): boolean {
    return this.dispatch({ type: 'at-rest' });
  }

  /** S1: runs a step's action as soon as there is room for it. */
  run(request: Omit<StepRequest, 'ticket'>, goOn: (answer: Answer) => void): void {
    const ticket = this.ticketFor((answer) => answer && goOn(answer));
    this.dispatch({ type: 'step-requested', ticket, ...request });
  }

  /**
   * What the body has caught and is unknown is undone before its pivot may begin (S9).
   * @throws SagaUsageError `SECOND_PIVOT`, `PIVOT_WITH_STEPS_IN_FLIGHT`
   */
  approachPivot(step: StepData, goOn: () => void): void {
    const { state } = this;
    if (state.ending) return;
    if (state.isPastForward)
      throw new SagaUsageError('SECOND_PIVOT', `${step.name}: a saga passes one pivot`);
    const [running] = state.ledger.inFlight;
    const why = running
      ? `${running.id} runs`
      : state.ledger.hasOpenSavePoint && 'a save-point is open: await it first';
    if (why) throw new SagaUsageError('PIVOT_WITH_STEPS_IN_FLIGHT', `${step.name} cannot begin while ${why}`);
    this.dispatch({ type: 'pivot-approached', ticket: this.ticketFor(goOn) });
  }

  /** @throws SagaUsageError `STEP_AFTER_PIVOT` */
  refuseAfterPivot(rule: string): void {
    if (this.state.isPastForward) throw new SagaUsageError('STEP_AFTER_PIVOT', rule);
  }

  /** @returns nothing when the body may not go on any more. @throws SagaUsageError `STEP_AFTER_PIVOT` */
  setSavePoint(within?: SavePoint): SavePoint | undefined {
    if (this.state.isOrphaned(within)) return undefined;
    this.refuseAfterPivot('a save-point is a way back, and after the pivot there is none');
    const savePoint: SavePoint = { ...(within && { within }), failed: false, ended: false };
    this.dispatch({ type: 'save-point-set', savePoint });
    return savePoint;
  }

  /** The body of a save-point succeeded. @returns whether the body around it gets the answer. */
  passSavePoint(savePoint: SavePoint): boolean {
    this.dispatch({ type: 'save-point-passed', savePoint });
    return !this.state.isOrphaned(savePoint);
  }

  /** S9: the body of a save-point failed. @param goOn is called when what it did is undone. */
  failSavePoint(savePoint: SavePoint, code: string, goOn: () => void): void {
    this.dispatch({ type: 'save-point-failed', savePoint, code, ticket: this.ticketFor(goOn) });
  }

  /** A part of the body has failed. @param goOn is called when something may follow from it. */
  partFailed(goOn: () => void): void {
    this.dispatch({ type: 'part-failed', ticket: this.ticketFor(goOn) });
  }

  bodyReturned(): void {
    this.dispatch({ type: 'body-returned' });
  }

  bodyFailed(reason: Reason): void {
    this.dispatch({ type: 'body-failed', reason });
  }

  /** @returns the number by which whoever waits is resumed, once. */
  ticketFor(goOn: (answer?: Answer) => void): Ticket {
    this.waiting.set(++this.tickets, goOn);
    return this.tickets;
  }

  private resume({ ticket, entry, result }: Extract<Command, { readonly do: 'resume' }>): void {
    const goOn = this.waiting.get(ticket);
    this.waiting.delete(ticket);
    goOn?.(entry && result && { entry, result });
  }
}
