import { Barrier, barrierTable, type Database, openDatabase } from '../../src/participant';
import { callOf, change } from '../participant/effects';
import { createTestDatabase } from '../support/database';

/**
 * What unnamed statements cost: `DATABASE_URL=<an administrator's> node --require tsx/cjs test/bench/prepared-statements.ts`.
 * Actions behind the barrier with one business change each, in alternating rounds on one database. Prints, for 1 and for
 * 10 calls at once, the time of unnamed statements as a multiple of that of prepared ones, of each round and the median.
 */
const CALLS = 2_000;
const ROUNDS = 3;

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
  const [prepared, unnamed] = [open(true), open(false)];
  await prepared.query(barrierTable);
  await prepared.query('CREATE TABLE effects (saga_id text NOT NULL, delta integer NOT NULL)');
  for (const atOnce of [1, 10]) {
    for (const database of [prepared, unnamed]) await msFor(database, atOnce);
    const ratios: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const preparedMs = await msFor(prepared, atOnce);
      const unnamedMs = await msFor(unnamed, atOnce);
      ratios.push(Number((unnamedMs / preparedMs).toFixed(2)));
    }
    const median = ratios.toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)];
    process.stdout.write(`${JSON.stringify({ atOnce, ratios, median })}\n`);
  }
  await Promise.all([prepared.close(), unnamed.close()]);
  await created.drop();
}

let sagas = 0;

async function msFor(database: Database, atOnce: number): Promise<number> {
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
  return performance.now() - began;
}

void main();
