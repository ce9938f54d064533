import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { DatabaseError } from 'pg';
import { type EffectsDatabase, openEffectsDatabase } from './effects';

let opened: EffectsDatabase;

beforeAll(async () => {
  opened = await openEffectsDatabase('barrier_table');
});

afterAll(() => opened.drop());

const insert = (op: string, state: string) =>
  opened.database.query(
    `INSERT INTO saga_barrier (namespace, saga_id, step, op, state, input) VALUES ('default', $1, 'a', $2, $3, '1')`,
    [`${op} ${state}`, op, state],
  );

test.each([
  ['do', 'done'],
  ['do', 'refused'],
  ['do', 'blocked'],
  ['undo', 'done'],
])('the table takes the row %s %s', async (op, state) => {
  expect(await insert(op, state)).toEqual([]);
});

test.each([
  ['do', 'undone'],
  ['do', 'DONE'],
  ['undo', 'refused'],
  ['undo', 'blocked'],
  ['redo', 'done'],
])(
  'B1 the table takes no row %s %s, which no call would find or each would read as another one',
  async (op, state) => {
    await expect(insert(op, state)).rejects.toThrow(DatabaseError);
    await expect(insert(op, state)).rejects.toMatchObject({ constraint: 'saga_barrier_outcome' });
  },
);
