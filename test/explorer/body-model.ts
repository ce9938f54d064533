import type { Answer, Driver } from '../../src/saga/core/driver';
import type { Reason } from '../../src/saga/core/failures';
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
 * A saga's body without promises: goes through a program and asks the driver for what the real body asks it
 * for. What the real one does when a promise settles, this one does in {@link goOn}.
 */
export class BodyModel {
  private readonly answers = new Map<string, string>();
  /** The questions whose answers are waited for. */
  private readonly asked: { readonly question: string; readonly goOn: (answer?: string) => void }[] = [];
  /** What goes on before the state machine is asked again. */
  private readonly ready: GoOn[] = [];

  constructor(private readonly driver: Driver) {}

  start(program: Program): void {
    this.interpret(
      program,
      undefined,
      () => this.driver.bodyReturned(),
      (reason) => this.afterFailure(() => this.driver.bodyFailed(reason)),
    );
  }

  /** As the validator of an Update: whether a question may be answered. */
  mayAnswer(question: string): boolean {
    const { ending, over } = this.driver.state;
    return !this.answers.has(question) && !ending && !over;
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
        this.driver.approachPivot(step, () => this.ready.push(() => this.step(step, undefined, goOn, fail)));
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
    if (step.kind !== 'pivot' && step.kind !== 'retriable') this.driver.refuseAfterPivot(step.name);
    const deliver = ({ entry, result }: Answer) => {
      if (result.kind === 'succeeded') goOn();
      else if (result.kind !== 'skipped') fail({ ...result.failure, step: entry.id });
    };
    const request = { step, input: { step: step.name }, savePoint: within };
    this.driver.run(request, (answer) => this.ready.push(() => deliver(answer)));
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
    const savePoint = this.driver.setSavePoint(within);
    if (!savePoint || !first) return;
    const otherwise = (reason: Reason) =>
      others.length > 0 ? this.alternatives(others, within, goOn, fail) : fail(reason);
    this.interpret(
      first,
      savePoint,
      () => {
        if (this.driver.passSavePoint(savePoint)) goOn();
      },
      (reason) =>
        this.afterFailure(() => {
          this.driver.failSavePoint(savePoint, reason.code, () =>
            this.ready.push(() => {
              if (!this.driver.state.isOrphaned(within)) otherwise(reason);
            }),
          );
        }),
    );
  }

  private afterFailure(goOn: GoOn): void {
    this.driver.partFailed(() => this.ready.push(goOn));
  }
}

function nothing(): void {}
