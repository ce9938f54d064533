import { afterAll, beforeAll, expect, jest, test } from '@jest/globals';
import type * as participant from '../../src/participant';
import type { EffectsDatabase } from './effects';
import { openEffectsDatabase } from './effects';

let opened: EffectsDatabase;
beforeAll(async () => {
  opened = await openEffectsDatabase('prepared');
});
afterAll(() => opened.drop());

const texts = ['SELECT $1::integer AS a', 'SELECT $1::integer AS b', 'SELECT $1::integer AS c'];

/** Runs statements as a process of its own does, and gives what is prepared in its session then. */
async function preparedBy(statements: readonly string[], preparedStatements?: boolean) {
  let copy: typeof participant | undefined;
  jest.isolateModules(() => {
    copy = require('../../src/participant') as typeof participant;
  });
  const database = (copy as typeof participant).openDatabase({
    url: opened.url,
    poolSize: 1,
    maxStatementMs: 10_000,
    applicationName: 'prepared',
    onError: () => undefined,
    ...(preparedStatements !== undefined && { preparedStatements }),
  });
  for (const text of statements) await database.query(text, [1]);
  const prepared = await database.query<{ name: string; text: string }>(
    'SELECT name, statement AS text FROM pg_prepared_statements ORDER BY statement',
  );
  await database.close();
  return prepared;
}

test('B10 nothing is prepared by default', async () => {
  expect(await preparedBy(texts)).toEqual([]);
});

test('B10 the name of a prepared statement means the same text in every process', async () => {
  const first = await preparedBy(texts, true);
  expect(first.map(({ text }) => text)).toEqual(texts);
  expect(new Set(first.map(({ name }) => name)).size).toBe(3);
  expect(await preparedBy(texts.toReversed(), true)).toEqual(first);
});
