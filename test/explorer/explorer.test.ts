import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { SagaUsageError } from '../../src/saga';
import {
  ask,
  attempt,
  irreversible,
  look,
  par,
  pivot,
  type Program,
  read,
  retriable,
  run,
  savePoint,
  seq,
} from '../saga/program';
import { sized } from '../support/size';
import { Exploration, explore } from './explore';
import type { ModelOptions } from './model-run';
import { manyStates, smallSagas } from './small-sagas';

describe('every state that a small saga can get into keeps the promise', () => {
  test.each(sized([...smallSagas, ...manyStates], smallSagas))('%s', (_name, program, options) => {
    const { ends } = explore(program, options);
    expect(Object.keys(ends)).toContain('compensated');
    if (options.interruptions.includes('cancel')) expect(Object.keys(ends)).toContain('cancelled');
  });

  test('what the explorer reaches contains each verb of the desk and each way an operation can end', () => {
    const verbs = new Set<string>();
    const options: ModelOptions = { usedUp: 1, interruptions: ['cancel', 'deadline', 'abandon'] };
    explore(seq(run('a'), pivot('p'), retriable('r')), options, (choice) =>
      verbs.add(choice.split(' ')[0] ?? ''),
    );
    expect([...verbs].sort()).toEqual(
      [
        'abandon',
        'cancel',
        'deadline',
        'fail-undo',
        'lose-after',
        'lose-before',
        'refuse',
        'resolve',
        'retry',
        'skip',
        'succeed',
        'undone',
      ].sort(),
    );
  });
});

test('the state of a saga is data in every state it gets into: JSON shows all of it', () => {
  for (const [, program, options] of smallSagas) {
    const exploration = new Exploration(program, options);
    for (let [next] = exploration.choices; next !== undefined; [next] = exploration.choices) {
      exploration.apply(next);
      const shown: unknown = JSON.parse(JSON.stringify(exploration.state));
      expect(shown).toEqual(plain(exploration.state));
    }
  }
});

/** Nothing but what JSON knows, of class instances their fields. @throws Error for a function, a map or a set in it. */
function plain(value: unknown): unknown {
  if (typeof value === 'function' || value instanceof Map || value instanceof Set)
    throw new Error(`no data: ${typeof value}`);
  if (value === Infinity) return null;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(plain);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}

describe('larger sagas, at random', () => {
  const steps = fc.constantFrom('a', 'b', 'c').map(run);
  const question = fc.constantFrom('x', 'y');
  const { body } = fc.letrec<{ body: Program }>((tie) => ({
    body: fc.oneof(
      { maxDepth: 3, depthIdentifier: 'body' },
      steps,
      fc.constantFrom('i', 'j').map(irreversible),
      fc.constantFrom('x', 'y').map(read),
      fc.array(tie('body'), { minLength: 2, maxLength: 3 }).map((parts) => seq(...parts)),
      fc.array(tie('body'), { minLength: 2, maxLength: 3 }).map((parts) => par(...parts)),
      tie('body').map(attempt),
      fc.tuple(question, tie('body'), tie('body')).map(([of, yes, late]) => ask(of, { yes }, late)),
      fc.tuple(question, tie('body'), tie('body')).map(([of, answered, not]) => look(of, answered, not)),
      fc.tuple(tie('body'), tie('body')).map(([first, second]) => savePoint(first, second)),
    ),
  }));
  const sagas = fc
    .tuple(body, fc.boolean())
    .map(([before, passes]) =>
      passes ? seq(before, pivot('p'), par(retriable('r'), retriable('s'))) : before,
    );
  const options: fc.Arbitrary<ModelOptions> = fc.record({
    express: fc.boolean(),
    usedUp: fc.nat({ max: 2 }),
    interruptions: fc.subarray(['cancel', 'cancel', 'deadline', 'abandon'] as const),
    messages: fc.subarray(['signal x=yes', 'update x=no', 'update x=yes', 'update y=yes', 'signal y=no']),
    policy: fc.constantFrom({}, { whenStuck: 'go-on' as const }),
  });

  test('whatever happens in whatever order, the promise is kept', () => {
    fc.assert(
      fc.property(
        sagas,
        options,
        fc.array(fc.nat(), { minLength: 20, maxLength: 120 }),
        (saga, given, whatHappens) => {
          try {
            const exploration = new Exploration(saga, given);
            for (const one of whatHappens) {
              const { choices } = exploration;
              if (choices.length === 0) return;
              exploration.apply(choices[one % choices.length] ?? '');
            }
          } catch (error) {
            // A body that asks for its pivot while a branch that it forgot still runs: it waits for a fixed one (S12).
            if (!(error instanceof SagaUsageError)) throw error;
          }
        },
      ),
      { numRuns: sized(8_000, 4_000) },
    );
  });
});
