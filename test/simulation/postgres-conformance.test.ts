import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { printedSeed } from '../support/seed';
import { sized } from '../support/size';
import { RealServer, simulatedServer } from './scripted-servers';
import { runScript, type Script, type Step, type Work } from './sql-script';
import {
  input,
  begin,
  end,
  insertDo,
  insertUndo,
  insertOtherwise,
  insertRefused,
  read,
  store,
  opening,
  closing,
  effect,
  move,
  failingBeforeCommit,
  failing,
} from './sql-works';

/** The simulated PostgreSQL against the real one: the same interleavings of the same statements. */
let real: RealServer;
beforeAll(async () => {
  real = await RealServer.create();
});
afterAll(() => real.drop());

/** The other ways in which up to three races can end. */
const RACES = [1, 2, 3, 4, 5, 6, 7].map((bits) => [bits & 1, (bits >> 1) & 1, (bits >> 2) & 1]);

async function runOnBoth(script: Script): Promise<unknown[]> {
  const server = await real.scripted();
  try {
    const expected = await runScript(server, script);
    const simulated = await runScript(simulatedServer(), script);
    if (isDeepStrictEqual(simulated, expected)) return expected;
    // Who is first in a race is not certain on the real one.
    for (const races of RACES)
      if (isDeepStrictEqual(await runScript(simulatedServer(races), script), expected)) return expected;
    expect(simulated).toEqual(expected);
    return expected;
  } finally {
    await server.close();
  }
}

const all = (session: string, ...works: readonly Work[]): Step[] => works.map((work) => ({ session, work }));
const commit = end('COMMIT');
const rollback = end('ROLLBACK');
const done = (session: string) => all(session, begin(), insertDo(), effect('do', false), store(), commit);

const scripts: readonly Script[] = [
  {
    name: 'of three that insert the same key, two wait for the first',
    shows: ['b waits for a', 'c waits for a'],
    steps: [
      ...all('a', begin(), insertDo()),
      ...all('b', begin(), insertDo()),
      ...all('c', begin(), insertDo()),
      ...all('a', rollback),
      ...all('b', read(), commit),
      ...all('c', read(), commit),
    ],
  },
  {
    name: 'DO NOTHING waits for an uncommitted row, and locks none',
    shows: ['b waits for a', 'b: false', 'c: false'],
    steps: [
      ...all('a', begin(), insertDo()),
      ...all('b', begin(), insertOtherwise('ON CONFLICT DO NOTHING')),
      ...all('a', commit, begin(), insertDo()),
      ...all('c', begin(), insertOtherwise('ON CONFLICT DO NOTHING'), commit),
      ...all('a', commit),
      ...all('b', commit),
    ],
  },
  {
    name: 'an insert without ON CONFLICT waits, and fails',
    shows: ['b waits for a', 'b: fails with 23505'],
    steps: [
      ...all('a', begin(), insertDo()),
      ...all('b', begin(), insertOtherwise('')),
      ...all('a', commit),
      ...all('b', commit),
    ],
  },
  {
    name: 'two insert the same key, and the first commits',
    shows: ['b waits for a', 'b: false'],
    steps: [
      ...all('a', begin(), insertDo(), store()),
      ...all('b', begin(), insertDo()),
      ...all('a', commit),
      ...all('b', read(), commit),
    ],
  },
  {
    name: 'two insert the same key, and the first rolls back',
    shows: ['b waits for a', 'b: true'],
    steps: [
      ...all('a', begin(), insertDo(), effect('do', false)),
      ...all('b', begin(), insertDo('blocked')),
      ...all('a', rollback),
      ...all('b', read(), commit),
    ],
  },
  {
    name: 'what is not committed is not seen',
    steps: [
      ...all('a', begin(), insertDo()),
      ...all('b', begin(), read(), store(), commit),
      ...all('a', commit, begin(), read({ sku: 'sku-mug' }), commit),
    ],
  },
  {
    name: 'an undo while its action is in flight',
    steps: [
      ...all('a', begin(), insertDo(), effect('do', false)),
      ...all('b', begin(), insertDo('blocked')),
      ...all('a', store(), commit),
      ...all('b', read(), insertUndo(), effect('undo', true), commit),
    ],
  },
  {
    name: 'a late action, and another undo, while an undo is in flight',
    shows: ['b waits for a', 'c waits for b', 'undone'],
    steps: [
      ...done('a'),
      ...all('a', begin(), insertDo('blocked'), read(), insertUndo()),
      ...all('b', begin(), insertDo()),
      ...all('c', begin(), insertDo('blocked')),
      ...all('a', effect('undo', false), commit),
      ...all('b', read(), commit),
      ...all('c', read(), insertUndo(), commit),
    ],
  },
  {
    name: 'an undo in flight rolls back, and the first that waits goes on',
    steps: [
      ...done('a'),
      ...all('a', begin(), insertDo('blocked'), insertUndo()),
      ...all('b', begin(), insertDo('blocked')),
      ...all('c', begin(), insertDo()),
      ...all('a', rollback),
      ...all('b', read(), rollback),
      ...all('c', read(), commit),
    ],
  },
  {
    name: 'a refusal',
    steps: [
      ...all('a', begin(), insertDo(), effect('do', false), rollback, begin(), insertRefused, read(), commit),
      ...all('b', begin(), insertDo(), read({ sku: 'other' }), commit),
    ],
  },
  {
    name: 'a deadlock of two rows ends one of them, and the other goes on at once',
    shows: ['fails with 40P01', 'a waits for b', 'b waits for a'],
    steps: [
      ...all('a', begin(), move('ours')),
      ...all('b', begin(), move('theirs')),
      ...all('a', move('theirs')),
      ...all('b', move('ours')),
      { session: 'a', settle: true },
      ...all('a', read(), commit),
      ...all('b', commit),
    ],
  },
  {
    name: 'a deadlock between the barrier and the business',
    shows: ['fails with 40P01'],
    steps: [
      ...all('a', begin(), insertDo()),
      ...all('b', begin(), move('ours'), insertDo('blocked')),
      ...all('a', move('ours')),
      { session: 'b', settle: true },
      ...all('b', rollback),
      ...all('a', commit),
    ],
  },
  {
    name: 'an update waits, and goes by the newest version',
    steps: [
      ...all('a', begin(), move('ours')),
      ...all('b', begin(), move('ours')),
      ...all('a', commit),
      ...all('b', commit),
    ],
  },
  {
    name: 'statements after an error, and a COMMIT that is answered with ROLLBACK',
    shows: ['fails with 22P02', 'fails with 25P02', 'ROLLBACK'],
    steps: [...all('a', begin(), insertDo(), failing, read(), commit, begin(), read(), commit)],
  },
  {
    name: 'a statement that waits for a lock until its timeout',
    shows: ['b: fails with 57014'],
    steps: [
      ...all('a', begin(), insertDo()),
      ...all('b', begin(100), insertDo()),
      { session: 'b', settle: true },
      ...all('b', read(), rollback),
      ...all('a', commit),
    ],
  },
  {
    name: 'the one at the head of a queue gives up',
    steps: [
      ...done('a'),
      ...all('a', begin(), insertDo()),
      ...all('b', begin(300), insertDo()),
      ...all('c', begin(), insertDo()),
      { session: 'b', settle: true },
      ...all('a', commit),
      ...all('c', read(), commit),
      ...all('b', rollback),
    ],
  },
  {
    name: 'a session that is ended in its transaction, between statements',
    steps: [
      ...all('a', begin(), insertDo(), move('ours')),
      ...all('b', begin(), insertDo('blocked')),
      { session: 'a', terminate: true },
      ...all('a', commit),
      ...all('b', commit),
    ],
  },
  {
    name: 'a session that is ended while it waits',
    shows: ['b: fails with 57P01'],
    steps: [
      ...all('a', begin(), insertDo()),
      ...all('b', begin(), move('ours'), insertDo()),
      ...all('c', begin(), move('ours')),
      { session: 'b', terminate: true },
      ...all('c', commit),
      ...all('a', commit),
    ],
  },
  {
    name: 'a session that is idle in its transaction for too long',
    shows: ['b: true', 'a: fails with'],
    steps: [
      ...all('a', begin(20_000, 1_500), insertDo()),
      ...all('b', begin(), insertDo()),
      { session: 'b', settle: true },
      ...all('a', commit),
      ...all('b', commit),
    ],
  },
  {
    name: 'one that is idle in a transaction that has failed',
    shows: ['a: fails with 22P02', 'b: fails with 57014', 'ROLLBACK'],
    steps: [
      ...all('a', begin(20_000, 300), failing),
      ...all('c', begin(), insertDo()),
      ...all('b', begin(900), insertDo()),
      { session: 'b', settle: true },
      ...all('a', read(), commit),
      ...all('c', commit),
      ...all('b', rollback),
    ],
  },
  {
    name: 'framed: the second waits in the message of its BEGIN, until the first one commits in the message of its result',
    shows: ['b waits for a', 'b: false', '"receipt":1'],
    steps: [
      ...all('a', opening()),
      ...all('b', opening('blocked')),
      ...all('a', effect('do', false), closing()),
      ...all('b', read(), commit),
    ],
  },
  {
    name: 'framed: what waits in the message of its BEGIN has a limit',
    shows: ['b: fails with 57014'],
    steps: [
      ...all('a', opening()),
      ...all('b', opening('done', 'saga', 100)),
      { session: 'b', settle: true },
      ...all('b', rollback),
      ...all('a', closing(), opening()),
    ],
  },
  {
    name: 'framed: a statement that fails before COMMIT in its message leaves the transaction open, and failed',
    shows: ['a: fails with 22P02', 'a: fails with 25P02'],
    steps: [
      ...all('a', opening(), failingBeforeCommit, closing(), read(), rollback),
      ...all('b', opening(), closing()),
    ],
  },
  {
    name: 'a server that takes no writes',
    shows: ['b: fails with 25006'],
    readOnly: ['b'],
    steps: [
      ...all('b', begin(), read(), insertDo(), read(), commit),
      ...all('b', begin(), move('ours'), rollback),
    ],
  },
];

describe('the simulated PostgreSQL does what the real one does', () => {
  test.each(scripts.map((script) => ({ script, name: script.name })))('$name', async ({ script }) => {
    const log = await runOnBoth(script);
    for (const part of script.shows ?? []) expect(JSON.stringify(log)).toContain(part);
  });

  test('whatever two sessions do to two keys and two accounts', async () => {
    const seed = printedSeed('simulation/postgres-conformance.test.ts');
    const work = fc.constantFrom(
      ...['x', 'y'].flatMap((saga) => [
        insertDo('done', saga),
        insertDo('blocked', saga),
        insertUndo(saga),
        read(input, saga),
        store(saga),
      ]),
      ...[move('ours'), move('theirs'), effect('do', false), effect('undo', true)],
    );
    const transaction = fc
      .tuple(fc.array(work, { minLength: 1, maxLength: 5 }), fc.constantFrom(commit, commit, rollback))
      .map(([works, last]) => [begin(), ...works, last]);
    const key = fc.constantFrom('x', 'y');
    const barrier = fc
      .tuple(fc.constantFrom('done' as const, 'blocked' as const), key, fc.array(work, { maxLength: 3 }))
      .map(([state, saga, works]) => [opening(state, saga), ...works, closing(saga)]);
    const session = fc
      .array(fc.oneof(transaction, barrier), { minLength: 1, maxLength: 2 })
      .map((transactions) => transactions.flat());
    const script = fc
      .tuple(session, session, fc.infiniteStream(fc.boolean()))
      .map(([a, b, order]) => ({ name: 'random', steps: interleaved(a, b, order) }));
    let waited = 0;
    await fc.assert(
      fc.asyncProperty(script, async (one) => {
        if (JSON.stringify(await runOnBoth(one)).includes('waits for')) waited++;
      }),
      { seed, numRuns: sized(80, 12), endOnFailure: true },
    );
    expect(waited).toBeGreaterThan(0);
  }, 600_000);
});

function interleaved(a: readonly Work[], b: readonly Work[], order: Iterable<boolean>): Step[] {
  const steps: Step[] = [];
  const [restA, restB] = [[...a], [...b]];
  for (const isA of order) {
    const work = (isA ? restA : restB).shift();
    if (work) steps.push({ session: isA ? 'a' : 'b', work });
    if (restA.length + restB.length === 0) break;
  }
  return steps;
}
