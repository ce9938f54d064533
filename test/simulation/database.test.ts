import { expect, test } from '@jest/globals';
import { type Database } from '../../src/participant';
import { databaseOn } from '../../src/participant/database';
import type { Effect } from '../../src/testing/effect';
import { Agenda } from '../../src/testing/simulation/agenda';
import { Choices } from '../../src/testing/simulation/choices';
import { DatabaseFaults } from '../../src/testing/simulation/postgres/faults';
import { effectsIn, writeEffect } from '../../src/testing/simulation/postgres/ledger';
import { SimulatedPool } from '../../src/testing/simulation/postgres/pool';
import { SimulatedServer } from '../../src/testing/simulation/postgres/server';
import { printedSeed } from '../support/seed';
import { sized } from '../support/size';
import { repeatingUnanswered } from './broken-barriers';

/** What came of the transactions of a run. */
interface Sum {
  readonly called: number;
  readonly answered: number;
  readonly committed: number;
  /** Calls that were committed twice, or answered and not committed. */
  readonly wrong: readonly string[];
}

const HOUR_MS = 3_600_000;

/** Some processes write effects, without a barrier. @param between stands between them and the database. */
async function write(seed: number, between = (database: Database) => database): Promise<Sum> {
  const choices = new Choices(seed);
  const agenda = new Agenda(choices);
  const time = {
    get now() {
      return agenda.now;
    },
    later: (ms: number, run: () => void) => agenda.after(ms, run),
    pick: (count: number) => choices.pick(count),
  };
  const server = new SimulatedServer(time);
  const called: string[] = [];
  const answered = new Set<string>();
  const process = async () => {
    const pool = new SimulatedPool(server, new DatabaseFaults(time, 25));
    const options = { maxStatementMs: 5_000, onError: () => undefined };
    const database = between(databaseOn(pool, options, () => agenda.now));
    const caller = async () => {
      for (let call = 0; call < 4; call++) {
        const step = `call ${called.length}`;
        called.push(step);
        const isReversed = choices.pick(2) === 1;
        const effect: Effect = { op: 'do', step, input: call, output: 'done' };
        await database
          .transaction((tx) => writeEffect(tx, 'saga', effect, isReversed), agenda.now + 10_000)
          .then(() => void answered.add(step))
          .catch(() => undefined);
      }
    };
    await Promise.race([Promise.all([caller(), caller()]), pool.died]);
  };
  let isOver = false;
  void Promise.all([process(), process(), process()]).then(() =>
    agenda.after(HOUR_MS, () => void (isOver = true)),
  );
  await agenda.until(() => isOver);
  expect(server.openTransactions).toBe(0);
  const committed = effectsIn(server.tables.ledger).map(({ step }) => step);
  const wrong = called.filter((step) => {
    const times = committed.filter((one) => one === step).length;
    return times > 1 || (answered.has(step) && times === 0);
  });
  const [, theirs] = server.tables.accounts.committed();
  expect(theirs?.['balance']).toBe(committed.length);
  return { called: called.length, answered: answered.size, committed: committed.length, wrong };
}

test('B10 a transaction is committed at most once for a call, and once if it was answered', async () => {
  const seed = printedSeed('simulation/database.test.ts');
  const total = { called: 0, answered: 0, committed: 0 };
  for (let run = 0; run < sized(2_000, 200); run++) {
    const sum = await write(seed + run);
    expect({ seed: seed + run, wrong: sum.wrong }).toEqual({ seed: seed + run, wrong: [] });
    total.called += sum.called;
    total.answered += sum.answered;
    total.committed += sum.committed;
  }
  // Some were committed and not answered, and some were neither.
  expect(total.committed).toBeGreaterThan(total.answered);
  expect(total.called).toBeGreaterThan(total.committed);
  process.stderr.write(`${JSON.stringify(total)}\n`);
});

test('B10 a database layer that repeats a transaction whose COMMIT was not answered is found', async () => {
  let runs = 1;
  while (runs < 1_000 && (await write(runs, repeatingUnanswered)).wrong.length === 0) runs++;
  expect(runs).toBeLessThan(1_000);
  process.stderr.write(`found in run ${runs}\n`);
});
