import { SagaUsageError } from '../../src/saga/core/failures';
import type { Interruption } from '../../src/saga/core/interruptions';
import { refuseResolve, refuseRetry, refuseSkip } from '../../src/saga/core/desk-checks';
import { Driver, type World } from '../../src/saga/core/driver';
import type { Entry, Outcome } from '../../src/saga/core/entry';
import type { Command, Happened } from '../../src/saga/core/events';
import type { Operation } from '../../src/saga/core/pending';
import { SagaState } from '../../src/saga/core/state';
import type { SavePoint } from '../../src/saga/core/save-point';
import type { AnyStep } from '../../src/saga/step';
import { compensatableNamed, irreversibleNamed, pivotNamed, retriableNamed } from '../saga/program-steps';

const SIGNATURE = { actor: 'ada', reason: 'the model says so' };
const failure = { code: 'LOST', message: 'no answer' };
const outcomes: Readonly<Record<string, Outcome>> = {
  succeeds: { kind: 'succeeded', output: {} },
  refuses: { kind: 'refused', failure: { code: 'NO', message: 'no' } },
  losesAnswer: { kind: 'unknown', failure },
};

/** What each of the model's actions is to the engine's driver. Everything that knows both is in this file. */
export class CoreAdapter implements World {
  readonly state: SagaState;
  private readonly driver: Driver;
  private readonly entries: Entry[] = [];
  private readonly savePoints: SavePoint[] = [];
  private readonly told = new Set<Entry>();
  private readonly asked = new Set<Entry>();
  /** The compensations that began. */
  private readonly begun: number[] = [];
  private approaching: AnyStep | undefined;

  constructor(goOn: boolean) {
    this.state = new SagaState({ policy: { whenStuck: goOn ? 'go-on' : 'wait' } });
    this.driver = new Driver(this.state, this);
  }

  /** @returns the compensations that began, in their order. */
  apply(action: string, picks: Readonly<Record<string, unknown>>): readonly number[] {
    this.begun.length = 0;
    this.act(action, picks);
    return [...this.begun];
  }

  now(): number {
    return 0;
  }

  perform(command: Exclude<Command, { readonly do: 'resume' }>): void {
    if (command.do === 'cancel') this.asked.add(command.entry);
    if (command.do !== 'call') return;
    const { entry, type } = command.operation;
    if (type === 'act') this.entries.push(entry);
    else if (command.operation.round === 1) this.begun.push(this.entries.indexOf(entry));
  }

  /** What an observer sees, in the words of the model. */
  get observed() {
    const { state } = this;
    return {
      phase: PHASES[state.phase],
      faulted: state.fault !== undefined,
      entries: this.entries.map((entry) => ({
        kind: KINDS[entry.step.kind],
        outcome: entry.outcome ? OUTCOMES[entry.outcome.kind] : 'InFlight',
        undo: undoOf(entry),
        stuck: entry.stuck !== undefined,
        asked: this.asked.has(entry),
        told: this.told.has(entry),
      })),
      savePoints: this.savePoints.map(({ failed, ended }) => ({ failed, ended })),
      standing: state.ledger.toCompensate.map((entry) => this.entries.indexOf(entry)),
      interruptions: Object.fromEntries(
        Object.entries(INTERRUPTIONS).map(([name, by]) => [
          name,
          EFFECTS[state.interruptions.get(by)?.effect ?? 'none'],
        ]),
      ),
      ...(!state.over && !state.fault && { canAdvance: this.driver.canConclude }),
    };
  }

  /** Whether the engine gives the body an answer there: whether it lets it begin anything. Only asked where it may not. */
  isOrphaned(savePoint: number): boolean {
    const within = this.savePoints[savePoint];
    const before = this.state.ledger.entries.length;
    this.driver.run(
      { step: compensatableNamed('not-to-begin'), input: {}, savePoint: within },
      () => undefined,
    );
    return this.state.ledger.entries.length === before && this.driver.setSavePoint(within) === undefined;
  }

  /** Whether it refuses a pivot now, as against the saga's grammar. Only asked where it must. */
  get refusesPivot(): boolean {
    return isThrown(
      () => this.driver.approachPivot(pivotNamed('not-to-begin'), () => undefined),
      SagaUsageError,
    );
  }

  /** What the desk would accept about an entry. */
  decisions(index: number) {
    const { state } = this;
    const decision = { ...SIGNATURE, step: this.entry(index).id };
    return {
      retry: !refuseRetry(state, decision),
      skip: !refuseSkip(state, decision, 0),
      resolveAction: !refuseResolve(state, { ...decision, output: {} }),
      resolveCompensation: !refuseResolve(state, decision),
    };
  }

  private act(action: string, picks: Readonly<Record<string, unknown>>): void {
    const { driver } = this;
    const pick = (name: string) => picks[name] as number;
    const name = `e${this.entries.length}`;
    switch (action) {
      case 'act':
      case 'takeBack':
        break; // Of the participants: the engine learns of it by an answer.
      case 'beginStep':
        this.begin(compensatableNamed(name), this.savePoints[pick('inSavePoint')]);
        break;
      case 'beginIrreversible':
        this.begin(irreversibleNamed(name));
        break;
      case 'beginRetriable':
        this.begin(retriableNamed(name));
        break;
      case 'approachPivot':
        this.approach(name);
        break;
      case 'beginPivot':
        this.beginPivot(name);
        break;
      case 'openSavePoint':
        this.savePoints.push(driver.setSavePoint(this.savePoints[pick('around')]) as SavePoint);
        break;
      case 'savePointPasses':
        driver.passSavePoint(this.savePoint(pick('passing')));
        break;
      case 'savePointFails':
        driver.failSavePoint(this.savePoint(pick('failing')), 'NO', () => undefined);
        break;
      case 'bodyReturns':
        driver.bodyReturned();
        break;
      case 'bodyThrows':
        driver.bodyFailed({ code: 'NO', message: 'the body says no' });
        break;
      case 'interrupted':
        driver.dispatch({
          type: 'interrupted',
          by: INTERRUPTIONS[picks['by'] as string] as Interruption,
        });
        break;
      case 'succeeds':
        this.settle(pick('succeeding'), action);
        break;
      case 'refuses':
        this.settle(pick('refusing'), action);
        break;
      case 'losesAnswer':
        this.settle(pick('losing'), action);
        break;
      case 'usesUpRound':
        this.answer(pick('usingUp'), { kind: 'unknown', failure });
        break;
      case 'compensated':
        this.answer(pick('ending'), { kind: 'succeeded', output: null });
        break;
      case 'deskRetries':
        break; // The next round is a call like the last one.
      case 'deskResolves': {
        const decision = { ...SIGNATURE, step: this.entry(pick('resolved')).id };
        const output = this.entry(pick('resolved')).undoing ? {} : { output: {} };
        this.decide(pick('resolved'), { type: 'desk-resolved', decision: { ...decision, ...output } });
        break;
      }
      case 'deskSkips': {
        const decision = { ...SIGNATURE, step: this.entry(pick('skipped')).id };
        this.decide(pick('skipped'), { type: 'desk-skipped', decision });
        break;
      }
      case 'advances':
        driver.atRest();
        break;
      default:
        throw new Error(`the adapter has no ${action}`);
    }
  }

  private begin(step: AnyStep, savePoint?: SavePoint): void {
    const { length } = this.entries;
    this.driver.run({ step, input: {}, savePoint }, ({ entry }) => this.told.add(entry));
    if (this.entries.length === length) throw new Error(`${step.name} did not begin`);
  }

  private approach(name: string): void {
    this.approaching = pivotNamed(name);
    this.driver.approachPivot(this.approaching, () => undefined);
    if (this.state.phase !== 'pivot') throw new Error(`${name} may not begin any more`);
  }

  private beginPivot(name: string): void {
    if (!this.approaching) {
      this.approach(name);
      // With nothing to undo before it, what it waits for is over at once.
      this.driver.atRest();
      if (this.begun.length > 0) throw new Error(`a compensation began before ${name}`);
    }
    this.begin(this.approaching as AnyStep);
    this.approaching = undefined;
  }

  private settle(index: number, how: string): void {
    this.answer(index, outcomes[how] as Outcome);
  }

  private answer(index: number, outcome: Outcome): void {
    this.take({ type: 'answered', operation: this.operation(index), outcome });
  }

  private decide(index: number, event: Happened): void {
    const operation = this.operation(index);
    this.driver.dispatch(event);
    this.take({ type: 'resumed', operation });
  }

  /** What waits for its turn has it: the model lets it happen only when no unwinding can go on. */
  private take(event: Happened): void {
    this.driver.dispatch(event);
    this.driver.atRest();
    if (this.state.anyWaits) throw new Error(`${event.type} still waits for its turn`);
  }

  private operation(index: number): Operation {
    const entry = this.entry(index);
    return this.state.operations.find((operation) => operation.entry === entry) as Operation;
  }

  private entry(index: number): Entry {
    return this.entries[index] as Entry;
  }

  private savePoint(index: number): SavePoint {
    return this.savePoints[index] as SavePoint;
  }
}

const PHASES = {
  forward: 'Forward',
  pivot: 'AtPivot',
  committed: 'Committed',
  unwinding: 'Unwinding',
  completed: 'Completed',
  compensated: 'Compensated',
  cancelled: 'Cancelled',
} as const;
const KINDS: Readonly<Record<string, string>> = {
  compensatable: 'Compensatable',
  irreversible: 'Irreversible',
  pivot: 'Pivot',
  retriable: 'Retriable',
};
const OUTCOMES = { succeeded: 'Succeeded', refused: 'Refused', unknown: 'Unknown' } as const;
const INTERRUPTIONS: Readonly<Record<string, Interruption>> = {
  Cancel: 'cancel',
  Deadline: 'deadline',
  Abandon: 'abandon',
};
const EFFECTS = { none: 'NotAsked', pending: 'Pending', unwound: 'Unwound', declined: 'Declined' } as const;

function undoOf({ undoing }: Entry): string {
  if (!undoing) return 'NotBegun';
  if (undoing.endedAt === undefined) return 'Undoing';
  return undoing.skipped ? 'Skipped' : 'Undone';
}

/** @throws any error of another kind. */
function isThrown(what: () => unknown, kind: new (...args: never[]) => Error): boolean {
  try {
    what();
    return false;
  } catch (error) {
    if (error instanceof kind) return true;
    throw error;
  }
}
