import {
  condition,
  defineSignal,
  defineUpdate,
  proxyActivities,
  setHandler,
  TemporalFailure,
} from '@temporalio/workflow';
import {
  type Committed,
  defineSaga,
  nested,
  refusal,
  runSaga,
  type Saga,
  type SagaDefinition,
  type SagaScope,
} from '../../src/saga';
import type { Program } from './program';
import {
  compensatableNamed,
  finalPivotNamed,
  irreversibleNamed,
  pivotNamed,
  probedNamed,
  readNamed,
  retriableNamed,
  type WorldActivities,
} from './program-steps';

export { rescueSaga } from '../../src/saga';

export const programSaga = defineSaga<Program, string[]>({
  workflow: 'runProgram',
  taskQueue: 'sagas',
  idOf: () => {
    throw new Error('tests name their sagas');
  },
});

/** The definition that a program declares. */
export const definitionOf = (program: Program): SagaDefinition<Program, string[]> => ({
  ...programSaga,
  ...(program.do === 'declared' && { stuck: program.stuck }),
});

const signal = defineSignal<[string]>('signal');
/** Answers a question. Only the first answer counts. */
export const answerBySignal = defineSignal<[question: string, answer: string]>('answerBySignal');
/** Answers a question that has no answer yet; rejected with `ANSWERED` when it has one, `ENDING` when the body no longer goes on. */
export const answerByUpdate = defineUpdate<string, [question: string, answer: string]>('answerByUpdate');

/** What a definition may say beside its names. */
export type ProgramOptions = Pick<
  SagaDefinition<unknown, unknown>,
  'stuck' | 'deadline' | 'maxHistoryEvents'
>;

/** Runs a program as a saga. Its result is the outputs of its steps in the order in which they came. */
export async function runProgram(program: Program, options: ProgramOptions = {}): Promise<string[]> {
  const signals = new Set<string>();
  setHandler(signal, (name) => void signals.add(name));

  return await runSaga({ ...definitionOf(program), ...options }, async (saga) => {
    const outputs: string[] = [];
    let committed: Committed<unknown> | undefined;
    const answers = new Map<string, string>();
    setHandler(answerBySignal, (question, answer) => {
      if (!answers.has(question)) answers.set(question, answer);
    });
    setHandler(
      answerByUpdate,
      (question, answer) => {
        answers.set(question, answer);
        return answer;
      },
      {
        validator: (question, _answer) => {
          if (answers.has(question)) throw refusal('ANSWERED', `${question}: ${answers.get(question)}`);
          if (saga.isEnding) throw refusal('ENDING', 'the saga no longer goes on');
        },
      },
    );

    async function interpret(part: Program, scope: SagaScope): Promise<void> {
      switch (part.do) {
        case 'run':
          outputs.push((await scope.run(compensatableNamed(part.step), { step: part.step })).did);
          return;
        case 'probed':
          outputs.push((await scope.run(probedNamed(part.step), { step: part.step })).did);
          return;
        case 'read':
          outputs.push((await scope.run(readNamed(part.step), { step: part.step })).did);
          return;
        case 'irreversible':
          outputs.push((await saga.run(irreversibleNamed(part.step), { step: part.step })).did);
          return;
        case 'pivot':
          committed = await pass(saga, part.step, pivotNamed(part.step));
          return;
        case 'final-pivot':
          committed = await pass(saga, part.step, finalPivotNamed(part.step));
          return;
        case 'retriable':
          outputs.push(
            (await (committed as Committed<unknown>).run(retriableNamed(part.step), { step: part.step })).did,
          );
          return;
        case 'seq':
          for (const next of part.parts) await interpret(next, scope);
          return;
        case 'par':
          await Promise.all(part.parts.map((next) => interpret(next, scope)));
          return;
        case 'attempt':
          await interpret(part.part, scope).catch((error: unknown) => {
            if (!(error instanceof TemporalFailure)) throw error;
          });
          return;
        case 'savePoint': {
          const [first, ...others] = part.alternatives;
          await others.reduce(
            (before, other) => before.or((inner) => interpret(other, inner)),
            scope.attempt((inner) => interpret(first, inner)),
          );
          return;
        }
        case 'nested':
          outputs.push(...(await scope.run(nested(definitionOf(part.part), { name: part.step }), part.part)));
          return;
        case 'declared':
          return await interpret(part.part, scope);
        case 'fork':
          void interpret(part.part, scope);
          return;
        case 'reach':
          saga.reach(part.milestone, { outputs: [...outputs] });
          return;
        case 'wait':
          return await condition(() => signals.has(part.signal));
        case 'ask': {
          await condition(() => answers.has(part.question), '1 hour');
          const way = part.ways[answers.get(part.question) ?? ''] ?? part.late;
          return await interpret(way, scope);
        }
        case 'look':
          return await interpret(answers.has(part.question) ? part.answered : part.not, scope);
        case 'throw':
          if (part.error === 'TypeError') throw new TypeError('a bug in the body');
          throw refusal('NO', 'the body says no');
      }
    }
    async function pass(
      before: Saga,
      step: string,
      declared: ReturnType<typeof pivotNamed>,
    ): Promise<Committed<unknown>> {
      const after = await before.pivot(declared, { step });
      outputs.push(after.output.did);
      return after;
    }
    await interpret(program, saga);
    return outputs;
  });
}

/** The same four steps as a person would write them without any engine: what S15 is measured against. */
export async function fourStepsByHand(): Promise<string[]> {
  const { act } = proxyActivities<WorldActivities>({
    taskQueue: 'world',
    startToCloseTimeout: '2s',
    retry: { maximumAttempts: 2 },
  });
  const outputs: string[] = [];
  for (const step of ['a', 'b', 'c', 'd']) {
    const call = {
      namespace: 'default',
      sagaId: 'by-hand',
      step,
      op: 'do',
      key: `default/by-hand/${step}/do`,
    } as const;
    outputs.push((await act({ step }, call)).did);
  }
  return outputs;
}
