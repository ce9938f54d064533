import { DBOS } from '@dbos-inc/dbos-sdk';
import { Pool } from 'pg';
import { type Order, type Table, tables, UNDELIVERABLE } from '../business/order';
import { perform, type Sql, undo } from '../business/services';
import type { Contender, Ended } from '../contenders/contender';
import { TransactionalSteps } from './dbos-transactions';

/** Runs one business step and records that it is done. */
type RunStep = <T>(name: string, body: (sql: Sql) => Promise<T>) => Promise<T>;

/**
 * DBOS Transact: a workflow in this process, its system database in the Postgres of the business tables.
 * @param steps `transactions` record a step in the transaction that changes the table, so it takes effect exactly once;
 *   `steps` record it afterwards, so it may run again after a crash.
 */
function dbos(steps: 'transactions' | 'steps'): Contender {
  return async ({ databaseUrl }, { name, slots }) => {
    const { run, close } =
      steps === 'transactions' ? transactions(databaseUrl, slots) : plainSteps(databaseUrl, slots);
    const fulfilOrder = DBOS.registerWorkflow((order: Order, early: boolean) => saga(run, order, early), {
      name: 'fulfilOrder',
    });
    const systemDatabase = new URL(databaseUrl);
    systemDatabase.pathname = `/dbos_${name.replaceAll('-', '_')}`;
    DBOS.setConfig({
      name: `bench-${name}`,
      applicationVersion: 'bench',
      systemDatabaseUrl: systemDatabase.href,
      systemDatabasePoolSize: slots,
      logLevel: 'error',
    });
    await DBOS.launch();

    const start = (order: Order, early: boolean) =>
      DBOS.startWorkflow(fulfilOrder, { workflowID: order.orderId })(order, early);
    return {
      async fulfil(order) {
        return await (await start(order, false)).getResult();
      },
      async fulfilWithEarlyAnswer(order) {
        const begun = performance.now();
        const handle = await start(order, true);
        if (!(await DBOS.getEvent<boolean>(order.orderId, ACCEPTED)))
          throw new Error(`${order.orderId} was not accepted`);
        const firstAnswerMs = performance.now() - begun;
        return { ...(await handle.getResult()), firstAnswerMs };
      },
      async stop() {
        await DBOS.shutdown();
        await close();
      },
    };
  };
}

const ACCEPTED = 'accepted';

/** The shape of DBOS's checkout example: steps in a `try`, their compensations in its `catch`. */
async function saga(run: RunStep, order: Order, early: boolean): Promise<Ended> {
  const done: Table[] = [];
  try {
    for (const table of tables) {
      await run(`perform ${table}`, (sql) => perform(sql, table, order));
      done.unshift(table);
      if (early && table === 'orders') await DBOS.setEvent(ACCEPTED, true);
    }
    return { kind: 'completed' };
  } catch (error) {
    if (!isRefusal(error)) throw error;
    for (const table of done) await run(`undo ${table}`, (sql) => undo(sql, table, order));
    return { kind: 'compensated' };
  }
}

/** By name: an error that a workflow reads from its record is no longer an instance of its class. */
const isRefusal = (error: unknown) => error instanceof Error && error.name === UNDELIVERABLE;

function transactions(connectionString: string, slots: number) {
  const source = new TransactionalSteps('business', { connectionString, max: slots });
  const run: RunStep = (name, body) => source.run(name, body);
  // DBOS closes its data sources itself.
  return { run, close: async () => undefined };
}

function plainSteps(connectionString: string, slots: number) {
  const pool = new Pool({ connectionString, max: slots });
  const retry = { retriesAllowed: true, maxAttempts: 6, shouldRetry: (error: unknown) => !isRefusal(error) };
  const run: RunStep = (name, body) => DBOS.runStep(() => body(pool), { name, ...retry });
  return { run, close: () => pool.end() };
}

export const contenders = { dbos: dbos('transactions'), 'dbos/steps': dbos('steps') };
