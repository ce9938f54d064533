import type { ModelOptions } from './model-run';
import { explore } from './explore';
import {
  ask,
  attempt,
  fail,
  fork,
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

const everything: ModelOptions = { usedUp: 1, interruptions: ['cancel', 'cancel', 'deadline', 'abandon'] };
const fewer: ModelOptions = { usedUp: 1, interruptions: ['cancel'] };
const quiet: ModelOptions = { usedUp: 0, interruptions: ['cancel'] };

type SmallSaga = readonly [name: string, program: Program, options: ModelOptions];

/** Sagas that are small enough to reach every state they can get into. */
export const smallSagas: readonly SmallSaga[] = [
  ['a step', run('a'), everything],
  ['a sequence and a pivot', seq(run('a'), run('b'), pivot('p'), retriable('r')), everything],
  ['a sequence of three', seq(run('a'), run('b'), run('c')), everything],
  [
    'a sequence of three that goes on past stuck ones',
    seq(run('a'), run('b'), run('c')),
    { ...fewer, policy: { whenStuck: 'go-on' } },
  ],
  ['three at once', par(run('a'), run('b'), run('c')), { ...quiet, interruptions: [] }],
  ['two at once, then a pivot', seq(par(run('a'), run('b')), pivot('p'), retriable('r')), fewer],
  ['two branches of two', par(seq(run('a'), run('b')), seq(run('c'), run('d'))), quiet],
  ['an irreversible step', seq(run('a'), irreversible('i'), run('b'), pivot('p')), fewer],
  ['the body fails at its end', seq(run('a'), run('b'), fail('NO')), everything],
  ['a failure that the body catches', seq(run('a'), attempt(run('b')), run('c')), fewer],
  [
    'a failure that the body catches before its pivot',
    seq(attempt(run('a')), pivot('p'), retriable('r')),
    everything,
  ],
  [
    'a save-point with an alternative',
    seq(run('a'), savePoint(seq(run('b'), run('c')), run('d')), pivot('p')),
    fewer,
  ],
  ['a save-point in a save-point', savePoint(seq(run('a'), savePoint(run('b'), run('c'))), run('d')), fewer],
  ['a save-point beside a step', par(run('a'), savePoint(seq(run('b'), run('c')), run('d'))), quiet],
  ['a save-point that nobody waits for', seq(fork(attempt(savePoint(run('a'), run('b')))), run('c')), quiet],
  ['the same step in a loop', seq(run('a'), run('a'), run('a')), fewer],
  [
    'express: the same step in two branches',
    par(seq(run('a'), run('m')), seq(run('b'), run('m'), run('c'), run('d'))),
    { usedUp: 0, interruptions: [], express: true },
  ],
  [
    'express: a step that follows from what a read said',
    seq(attempt(seq(read('q'), run('a'))), run('b')),
    { ...quiet, express: true },
  ],
  [
    'express: the same step after each of two reads',
    par(seq(read('q'), run('a'), run('m'), run('c'), run('d')), seq(read('r'), run('m'))),
    { usedUp: 0, interruptions: [], express: true },
  ],
  [
    'express: the same step after a read and in an alternative',
    par(seq(read('q'), run('a'), run('m'), run('c'), run('d')), savePoint(seq(run('b'), run('e')), run('m'))),
    { usedUp: 0, interruptions: [], express: true },
  ],
  [
    'express: a step that follows from what a read said, beside a review',
    par(seq(read('q'), run('a')), ask('review', { yes: run('b'), no: fail('NO') }, fail('NO'))),
    {
      usedUp: 0,
      interruptions: ['abandon'],
      express: true,
      messages: ['update review=yes', 'update review=no'],
    },
  ],
  [
    'express: a step that follows from what a read said, beside a signal',
    par(seq(read('q'), run('a')), ask('news', { good: run('b'), bad: fail('NO') }, fail('NO'))),
    { usedUp: 0, interruptions: [], express: true, messages: ['signal news=good', 'signal news=bad'] },
  ],
  [
    'a review',
    seq(run('a'), ask('review', { yes: run('b'), no: fail('NO') }, fail('NO')), pivot('p'), retriable('r')),
    { ...fewer, messages: ['update review=yes', 'update review=no'] },
  ],
  [
    'express: a review',
    seq(run('a'), ask('review', { yes: run('b'), no: fail('NO') }, fail('NO')), pivot('p'), retriable('r')),
    {
      usedUp: 0,
      interruptions: ['cancel', 'abandon'],
      express: true,
      messages: ['update review=yes', 'update review=no'],
    },
  ],
  [
    'express: a review in which steps are stuck',
    seq(ask('review', { yes: run('b'), no: run('c') }, fail('NO')), pivot('p')),
    { usedUp: 1, interruptions: [], express: true, messages: ['update review=yes', 'update review=no'] },
  ],
  ...(['signal', 'update'] as const).map(
    (how) =>
      [
        `express: looks between its steps whether a ${how} has come`,
        seq(run('a'), look('hurry', run('b'), run('c')), look('hurry', run('d'), run('e')), fail('NO')),
        { ...quiet, express: true, messages: [`${how} hurry=yes`] },
      ] as const,
  ),
  ...(['signal', 'update'] as const).map(
    (how) =>
      [
        `express: a branch waits for a ${how}, and another one looks whether it has come`,
        par(
          ask('hurry', { yes: seq(run('b'), run('m')) }, fail('NO')),
          seq(run('a'), look('hurry', seq(run('c'), run('m')), run('d'))),
        ),
        { ...quiet, express: true, messages: [`${how} hurry=yes`, 'update hurry=no'] },
      ] as const,
  ),
];

/** Those that reach more than 20,000 states each. */
export const manyStates: readonly SmallSaga[] = [
  ['two at once', par(run('a'), run('b')), everything],
  [
    'express: a sequence and a pivot',
    seq(run('a'), run('b'), pivot('p'), retriable('r')),
    { usedUp: 1, interruptions: ['cancel', 'abandon'], express: true },
  ],
  [
    'express: two at once, then a pivot',
    seq(par(run('a'), run('b')), pivot('p')),
    { ...fewer, express: true },
  ],
  [
    'express: a save-point with an alternative',
    seq(run('a'), savePoint(seq(run('b'), run('c')), run('d'))),
    { ...fewer, express: true },
  ],
  [
    'express: no pivot',
    seq(run('a'), run('b'), run('c')),
    { usedUp: 1, interruptions: ['cancel', 'abandon'], express: true },
  ],
];

/** @returns how many states were reached, in all of them. @throws Error when an invariant does not hold in one. */
export function exploreSmallSagas(): number {
  return [...smallSagas, ...manyStates].reduce(
    (states, [, program, options]) => states + explore(program, options).states,
    0,
  );
}
