import type { Entry, Outcome } from '../../src/saga/core/entry';
import type { Reason } from '../../src/saga/core/failures';
import type { SagaState } from '../../src/saga/core/saga-state';
import type { SavePoint } from '../../src/saga/core/save-point';
import type { AnyStep } from '../../src/saga/step';
import type { Program } from '../saga/program';
import {
  compensatableNamed,
  irreversibleNamed,
  pivotNamed,
  readNamed,
  retriableNamed,
} from '../saga/program-steps';

type GoOn = () => void;
type Fail = (reason: Reason) => void;

/**
 * A saga's body without promises: goes through a program and asks the state machine for what the real body asks it
 * for. What the real one does when a promise settles, this one does in {@link goOn}.
 */
export class BodyModel {
  /** What waits for the outcome of an action in flight. */
  private readonly waiting = new Map<Entry, (outcome: Outcome) => void>();
  private readonly answers = new Map<string, string>();
  /** The questions whose answers are waited for. */
  private readonly asked: { readonly question: string; readonly goOn: (answer?: string) => void }[] = [];
  /** What goes on before the state machine is asked again. */
  private readonly ready: GoOn[] = [];

  constructor(
    private readonly state: SagaState,
    private readonly onBegun: (entry: Entry) => void,
  ) {}

  start(program: Program): void {
    this.interpret(
      program,
      undefined,
      () => this.state.bodyCompleted(),
      (reason) => this.afterFailure(() => this.state.bodyFailed(reason)),
    );
  }

  settled(entry: Entry, outcome: Outcome): void {
    this.state.settle(entry, outcome, () => {
      this.ready.push(() => this.waiting.get(entry)?.(outcome));
    });
  }

  /** As the validator of an Update: whether a question may be answered. */
  mayAnswer(question: string): boolean {
    return !this.answers.has(question) && !this.state.ending && !this.state.over;
  }

  /** Only the first answer counts. */
  answer(question: string, answer: string): void {
    if (this.answers.has(question)) return;
    this.answers.set(question, answer);
    this.end(question, answer);
  }

  /** The time for an answer is up. */
  late(question: string): void {
    this.end(question);
  }

  private end(question: string, answer?: string): void {
    for (const one of this.asked.filter((each) => each.question === question)) {
      this.asked.splice(this.asked.indexOf(one), 1);
      this.ready.push(() => one.goOn(answer));
    }
  }

  get answered(): readonly string[] {
    return [...this.answers].map(([question, answer]) => `${question}=${answer}`);
  }

  /** The questions that are waited for. */
  get questions(): readonly string[] {
    return [...new Set(this.asked.map(({ question }) => question))];
  }

  /** @returns whether anything did. */
  goOn(): boolean {
    this.state.tell();
    const next = this.ready.shift();
    next?.();
    return next !== undefined;
  }

  private interpret(part: Program, within: SavePoint | undefined, goOn: GoOn, fail: Fail): void {
    switch (part.do) {
      case 'run':
        return this.step(compensatableNamed(part.step), within, goOn, fail);
      case 'read':
        return this.step(readNamed(part.step), within, goOn, fail);
      case 'irreversible':
        return this.step(irreversibleNamed(part.step), undefined, goOn, fail);
      case 'retriable':
        return this.step(retriableNamed(part.step), undefined, goOn, fail);
      case 'pivot': {
        const step = pivotNamed(part.step);
        this.state
          .approachPivot(step)
          ?.whenOver(() => this.ready.push(() => this.step(step, undefined, goOn, fail)));
        return;
      }
      case 'seq': {
        const [first, ...rest] = part.parts;
        if (!first) return goOn();
        return this.interpret(
          first,
          within,
          () => this.interpret({ do: 'seq', parts: rest }, within, goOn, fail),
          fail,
        );
      }
      case 'par':
        return this.all(part.parts, within, goOn, fail);
      case 'attempt':
        return this.interpret(part.part, within, goOn, goOn);
      case 'savePoint':
        return this.alternatives(part.alternatives, within, goOn, fail);
      case 'fork':
        this.interpret(part.part, within, nothing, nothing);
        return goOn();
      case 'ask': {
        const goTheWay = (answer = '') => this.interpret(part.ways[answer] ?? part.late, within, goOn, fail);
        const answer = this.answers.get(part.question);
        if (answer !== undefined) return goTheWay(answer);
        this.asked.push({ question: part.question, goOn: goTheWay });
        return;
      }
      case 'look':
        return this.interpret(this.answers.has(part.question) ? part.answered : part.not, within, goOn, fail);
      case 'throw':
        return fail({ code: part.error, message: 'the body says no' });
      default:
        throw new Error(`the model has no ${part.do}`);
    }
  }

  private step(step: AnyStep, within: SavePoint | undefined, goOn: GoOn, fail: Fail): void {
    // As `ScopeBody.run`: a branch that nobody waits for may come too late.
    if (step.kind !== 'pivot' && step.kind !== 'retriable') this.state.refuseAfterPivot(step.name);
    const entry = this.state.begin(step, { step: step.name }, within);
    if (!entry) return;
    this.onBegun(entry);
    this.waiting.set(entry, (outcome) => {
      if (outcome.kind === 'succeeded') goOn();
      else fail({ ...outcome.failure, step: entry.id });
    });
  }

  /** As `Promise.all`: fails with the first failure, and the others go on. */
  private all(parts: readonly Program[], within: SavePoint | undefined, goOn: GoOn, fail: Fail): void {
    let left = parts.length;
    let failed = false;
    for (const part of parts) {
      this.interpret(
        part,
        within,
        () => {
          left -= 1;
          if (left === 0) goOn();
        },
        (reason) => {
          if (!failed) fail(reason);
          failed = true;
        },
      );
    }
  }

  private alternatives(
    [first, ...others]: readonly Program[],
    within: SavePoint | undefined,
    goOn: GoOn,
    fail: Fail,
  ): void {
    const savePoint = this.state.setSavePoint(within);
    if (!savePoint || !first) return;
    const otherwise = (reason: Reason) =>
      others.length > 0 ? this.alternatives(others, within, goOn, fail) : fail(reason);
    this.interpret(
      first,
      savePoint,
      () => {
        if (this.state.passSavePoint(savePoint)) goOn();
      },
      (reason) =>
        this.afterFailure(() => {
          this.state.failSavePoint(savePoint, reason.code).whenOver(() =>
            this.ready.push(() => {
              if (!this.state.isOrphaned(within)) otherwise(reason);
            }),
          );
        }),
    );
  }

  private afterFailure(goOn: GoOn): void {
    this.state.turns.failed(() => this.ready.push(goOn));
  }
}

function nothing(): void {}
