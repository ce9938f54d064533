import { type Placement, placements } from '../../src/saga';
import {
  findBrokenPromises,
  type MatrixResult,
  type Observation,
  type RunOptions,
  type SagaTestKit,
  type SagaUnderTest,
} from '../../src/testing';
import { appliesIn, casesOf } from '../../src/testing/cases';
import type { OperationName } from '../../src/testing/fault';

/** A fault of these sagas' own, which no participant's operation meets: it is there in every run. */
export interface UndoFault {
  readonly name: string;
  readonly options?: RunOptions;
  /** Whether it has struck at the compensation. */
  readonly struck: (run: Observation, undo: OperationName) => boolean;
}

/** Runs a saga once for each of its compensations, in each placement, and checks the promise. */
export async function runUndoCases(
  kit: SagaTestKit,
  saga: SagaUnderTest,
  { name, options, struck }: UndoFault,
  onCase: (name: string) => void,
): Promise<MatrixResult> {
  const result = {
    cases: 0,
    violations: [],
    byFault: {},
    byOutcome: {},
    notFired: [],
  } as Mutable<MatrixResult>;
  const all = (await casesOf(kit, saga)).filter(({ fault }) => fault?.kind === 'compensation-refuses');

  async function judge(placement: Placement, one: (typeof all)[number]): Promise<void> {
    const undo = one.fault?.at ?? 'undo nothing';
    const after = one.given.map(({ kind, at }) => `, after ${kind} at ${at}`).join('');
    const title = `${saga.definition.workflow}, ${placement}: ${name} at ${undo}${after}`;
    const run = await kit.run(saga, { ...options, faults: one.given, placement });
    const ended = run.outcome.kind === one.base.outcome.kind ? [] : [`it is ${run.outcome.kind}`];
    const problems = [...findBrokenPromises(run), ...ended];
    result.cases++;
    result.byFault[name] = (result.byFault[name] ?? 0) + 1;
    result.byOutcome[run.outcome.kind] = (result.byOutcome[run.outcome.kind] ?? 0) + 1;
    if (problems.length > 0) result.violations.push({ case: title, sagaId: run.sagaId, problems });
    if (!struck(run, undo)) result.notFired.push(title);
    onCase(title);
  }

  for (const placement of placements) {
    await Promise.all(all.filter((one) => appliesIn(placement, one)).map((one) => judge(placement, one)));
  }
  if (result.cases === 0) result.notFired.push(`${saga.definition.workflow}: ${name} at no compensation`);
  return result;
}

type Mutable<T> = {
  -readonly [Key in keyof T]: T[Key] extends readonly (infer Item)[]
    ? Item[]
    : T[Key] extends Readonly<Record<string, number>>
      ? Record<string, number>
      : T[Key];
};
