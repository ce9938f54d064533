import { ApplicationFailure } from '@temporalio/common';
import { SagaUsageError } from '../../src/saga/core/failures';
import type { Interruption } from '../../src/saga/core/interruptions';
import type { Entry, Outcome } from '../../src/saga/core/entry';
import { SagaState } from '../../src/saga/core/saga-state';
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

/** What each of the model's actions is to the engine's state machine. Everything that knows both is in this file. */
export class CoreAdapter {
  readonly state: SagaState;
  private readonly entries: Entry[] = [];
  private readonly savePoints: SavePoint[] = [];
  private readonly told = new Set<Entry>();
  private readonly asked = new Set<Entry>();
  private approaching: AnyStep | undefined;

  constructor(goOn: boolean) {
    this.state = new SagaState({ whenStuck: goOn ? 'go-on' : 'wait' }, false, () => 0);
  }

  /** @returns the compensations that began, in their order. */
  apply(action: string, picks: Readonly<Record<string, unknown>>): readonly number[] {
    const due = this.perform(action, picks);
    for (const entry of this.state.takeCancellations()) this.asked.add(entry);
    this.state.tell();
    return due;
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
      standing: state.ledger.standing.map((entry) => this.entries.indexOf(entry)),
      interruptions: Object.fromEntries(
        Object.entries(INTERRUPTIONS).map(([name, by]) => [
          name,
          EFFECTS[state.interruptions.get(by)?.effect ?? 'none'],
        ]),
      ),
      ...(!state.over && !state.fault && { canAdvance: state.canAdvance }),
    };
  }

  /** Whether the engine gives the body an answer there: whether it lets it begin anything. Only asked where it may not. */
  isOrphaned(savePoint: number): boolean {
    const within = this.savePoints[savePoint];
    const step = compensatableNamed('not-to-begin');
    return this.state.begin(step, {}, within) === undefined && this.state.setSavePoint(within) === undefined;
  }

  /** Whether it refuses a pivot now, as against the saga's grammar. Only asked where it must. */
  get refusesPivot(): boolean {
    return isThrown(() => this.state.approachPivot(pivotNamed('not-to-begin')), SagaUsageError);
  }

  /** What the desk would accept about an entry. */
  decisions(index: number) {
    const { desk } = this.state;
    const decision = { ...SIGNATURE, step: this.entry(index).id };
    return {
      retry: !isThrown(() => desk.checkRetry(decision), ApplicationFailure),
      skip: !isThrown(() => desk.checkSkip(decision), ApplicationFailure),
      resolveAction: !isThrown(() => desk.checkResolve({ ...decision, output: {} }), ApplicationFailure),
      resolveCompensation: !isThrown(() => desk.checkResolve(decision), ApplicationFailure),
    };
  }

  private perform(action: string, picks: Readonly<Record<string, unknown>>): readonly number[] {
    const { state } = this;
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
        this.savePoints.push(state.setSavePoint(this.savePoints[pick('around')]) as SavePoint);
        break;
      case 'savePointPasses':
        state.passSavePoint(this.savePoint(pick('passing')));
        break;
      case 'savePointFails':
        state.failSavePoint(this.savePoint(pick('failing')), 'NO');
        break;
      case 'bodyReturns':
        state.bodyCompleted();
        break;
      case 'bodyThrows':
        state.bodyFailed({ code: 'NO', message: 'the body says no' });
        break;
      case 'interrupted':
        state.interrupt(INTERRUPTIONS[picks['by'] as string] as Interruption);
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
      case 'usesUpRound': {
        const entry = this.entry(pick('usingUp'));
        state.ledger.stuck(entry, entry.undoing ? 'undo' : 'do', failure);
        break;
      }
      case 'compensated':
        this.endUndo(pick('ending'), false);
        break;
      case 'deskRetries':
        break; // The next round is a call like the last one.
      case 'deskResolves': {
        const index = pick('resolved');
        if (this.entry(index).undoing) this.endUndo(index, false);
        else this.settle(index, 'succeeds');
        break;
      }
      case 'deskSkips':
        this.endUndo(pick('skipped'), true);
        break;
      case 'advances':
        return state.advance().map(({ entry }) => this.entries.indexOf(entry));
      default:
        throw new Error(`the adapter has no ${action}`);
    }
    return [];
  }

  private begin(step: AnyStep, savePoint?: SavePoint): void {
    const entry = this.state.begin(step, {}, savePoint);
    if (!entry) throw new Error(`${step.name} did not begin`);
    this.entries.push(entry);
  }

  private approach(name: string): void {
    this.approaching = pivotNamed(name);
    if (!this.state.approachPivot(this.approaching)) throw new Error(`${name} may not begin any more`);
  }

  private beginPivot(name: string): void {
    if (!this.approaching) {
      this.approach(name);
      // With nothing to undo before it, what it waits for is over at once.
      if (this.state.advance().length > 0) throw new Error(`a compensation began before ${name}`);
    }
    this.begin(this.approaching as AnyStep);
    this.approaching = undefined;
  }

  private settle(index: number, how: string): void {
    const entry = this.entry(index);
    if (entry.stuck) this.state.unstuck(entry);
    this.state.settle(entry, outcomes[how] as Outcome, () => this.told.add(entry));
  }

  private endUndo(index: number, skipped: boolean): void {
    const entry = this.entry(index);
    if (entry.stuck) this.state.unstuck(entry);
    this.state.ledger.endUndo(entry, skipped);
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
