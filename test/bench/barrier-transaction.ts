import { Barrier, barrierTable, type Database, openDatabase } from '../../src/participant';
import { callOf, change } from '../participant/effects';
import { createTestDatabase } from '../support/database';

/**
 * What a transaction of the barrier takes: `DATABASE_URL=<an administrator's> node --require tsx/cjs test/bench/barrier-transaction.ts`.
 * Actions with one business change each, in alternating rounds on one database: as they are, with each statement in a round trip of its
 * own, and the latter prepared. Prints the milliseconds of an action, for 1 and for 10 calls at once: the median of the rounds.
 */
const CALLS = 2_000;
const ROUNDS = 5;

async function main(): Promise<void> {
  const created = await createTestDatabase('bench');
  const open = (preparedStatements: boolean) =>
    openDatabase({
      url: created.url,
      poolSize: 10,
      maxStatementMs: 10_000,
      applicationName: 'bench',
      onError: () => undefined,
      preparedStatements,
    });
  const [unnamed, prepared] = [open(false), open(true)];
  await unnamed.query(barrierTable);
  await unnamed.query('CREATE TABLE effects (saga_id text NOT NULL, delta integer NOT NULL)');
  const variants = {
    'as it is': unnamed,
    'one by one': oneByOne(unnamed),
    'one by one, prepared': oneByOne(prepared),
  };
  for (const atOnce of [1, 10]) {
    const took = new Map(Object.keys(variants).map((name): [string, number[]] => [name, []]));
    for (const database of Object.values(variants)) await msOf(database, atOnce);
    for (let round = 0; round < ROUNDS; round += 1)
      for (const [name, database] of Object.entries(variants))
        took.get(name)?.push(await msOf(database, atOnce));
    const medians = [...took].map(([name, ms]) => [
      name,
      ms.toSorted((a, b) => a - b)[ROUNDS >> 1]?.toFixed(3),
    ]);
    process.stdout.write(`${JSON.stringify({ atOnce, ms: Object.fromEntries(medians) as object })}\n`);
  }
  await Promise.all([unnamed.close(), prepared.close()]);
  await created.drop();
}

/** Its transactions have no frame. */
function oneByOne(database: Database): Database {
  const transaction: Database['transaction'] = (work, deadline) =>
    database.transaction((tx) => work({ query: tx.query }), deadline);
  return { ...database, transaction };
}

let sagas = 0;

async function msOf(database: Database, atOnce: number): Promise<number> {
  const barrier = new Barrier(database);
  const began = performance.now();
  let left = CALLS;
  const work = async () => {
    for (; left > 0;) {
      left -= 1;
      const sagaId = `saga-${++sagas}`;
      await barrier.do(callOf(sagaId, 'do'), { sku: 'sku-tea' }, (tx) => change(tx, sagaId, 1));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return (performance.now() - began) / CALLS;
}

void main();
