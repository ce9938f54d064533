import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ActionBlocked, Barrier, type Database, Refusal } from '../../src/participant';
import { openPooler, poolerTests } from '../support/pooler';
import type { EffectsDatabase } from './effects';
import { callOf, change, changesOf, openEffectsDatabase, rowsOf } from './effects';

type Delivery = 'act' | 'refuse' | 'fail' | 'undo' | 'undo-fails';
type Answer = 'done' | 'refused' | 'blocked' | 'undone' | 'failed';

const failing = new Error('the attempt failed');
const input = { sku: 'sku-tea' };
let sagas = 0;

async function deliver(database: Database, sagaId: string, delivery: Delivery): Promise<Answer> {
  const barrier = new Barrier(database);
  try {
    if (delivery === 'undo' || delivery === 'undo-fails') {
      await barrier.undo(callOf(sagaId, 'undo'), input, async (tx) => {
        await change(tx, sagaId, -1);
        if (delivery === 'undo-fails') throw failing;
      });
      return 'undone';
    }
    await barrier.do(callOf(sagaId, 'do'), input, async (tx) => {
      await change(tx, sagaId, 1);
      if (delivery === 'refuse') throw new Refusal('NO', 'no');
      if (delivery === 'fail') throw failing;
    });
    return 'done';
  } catch (error) {
    if (error instanceof Refusal) return 'refused';
    if (error instanceof ActionBlocked) return 'blocked';
    if (error === failing) return 'failed';
    throw error;
  }
}

async function holdsWhateverComes(database: Database): Promise<void> {
  const delivery = fc.constantFrom<Delivery>('act', 'act', 'refuse', 'fail', 'undo', 'undo', 'undo-fails');
  // Deliveries of one inner array are made at once, one array after the other.
  const schedule = fc.array(fc.array(delivery, { minLength: 1, maxLength: 4 }), {
    minLength: 1,
    maxLength: 4,
  });
  const seen = new Set<string>();

  await fc.assert(
    fc.asyncProperty(schedule, async (waves) => {
      const sagaId = `saga-${++sagas}`;
      const answers = new Set<Answer>();
      for (const wave of waves) {
        const wasUndone = answers.has('undone');
        for (const answer of await Promise.all(wave.map((one) => deliver(database, sagaId, one)))) {
          answers.add(answer);
          if (wasUndone) expect(answer).not.toBe('done');
        }
      }
      const rows = (await rowsOf(database, sagaId)).join(', ');
      seen.add(rows);
      // The rows tell what happened …
      const expected: Record<string, number[]> = {
        '': [],
        'do done': [1],
        'do done, undo done': [1, -1],
        'do refused': [],
        'do blocked': [],
      };
      expect(await changesOf(database, sagaId)).toEqual(expected[rows]);
      // … and nobody was told otherwise.
      expect(answers.has('done')).toBe(rows.startsWith('do done'));
      if (answers.has('refused')) expect(rows).toBe('do refused');
      if (answers.has('blocked')) expect(['do blocked', 'do done, undo done']).toContain(rows);
      if (answers.has('undone')) expect(rows).not.toBe('do done');
    }),
    { numRuns: 150, verbose: 1 },
  );
  // A run in which every delivery failed would pass and show nothing.
  const worthSeeing = ['do blocked', 'do done', 'do done, undo done', 'do refused'];
  expect([...seen]).toEqual(expect.arrayContaining(worthSeeing));
}

const rule = 'however deliveries repeat, overlap and overtake, what stands is what the rows say';

describe('with a database', () => {
  let opened: EffectsDatabase;
  beforeAll(async () => {
    opened = await openEffectsDatabase('barrier_property');
  });
  afterAll(() => opened.drop());

  test(`B1–B4, B8 ${rule}`, () => holdsWhateverComes(opened.database));
});

poolerTests('behind a pooler with fewer connections than there are deliveries at once', (binary) => {
  let opened: EffectsDatabase;
  let pooler: Awaited<ReturnType<typeof openPooler>>;
  beforeAll(async () => {
    opened = await openEffectsDatabase('barrier_pooler', {
      through: async (url) => {
        pooler = await openPooler(binary, [url], 2);
        return pooler.through(url);
      },
    });
  });
  afterAll(async () => {
    await opened.drop();
    await pooler.stop();
  });

  test(`B10 B1–B4 ${rule}`, () => holdsWhateverComes(opened.database));
});
