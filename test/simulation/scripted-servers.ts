import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import { barrierTable } from '../../src/participant';
import { Agenda } from '../../src/testing/simulation/agenda';
import { Choices } from '../../src/testing/simulation/choices';
import { SimulatedClient } from '../../src/testing/simulation/postgres/client';
import { DatabaseFaults } from '../../src/testing/simulation/postgres/faults';
import { effectsIn, ledgerStatements } from '../../src/testing/simulation/postgres/ledger';
import { SimulatedServer, TERMINATED } from '../../src/testing/simulation/postgres/server';
import { type Statement, written } from '../../src/participant/literals';
import { createTestDatabase } from '../support/database';
import { until } from '../support/until';
import type { ScriptedServer } from './sql-script';

/** A database of its own on the real server. Each script finds empty tables. */
export class RealServer {
  private constructor(
    private readonly url: string,
    private readonly admin: Client,
    readonly drop: () => Promise<void>,
  ) {}

  static async create(): Promise<RealServer> {
    const created = await createTestDatabase('simulated_postgres');
    const admin = await connect(created.url);
    await admin.query(barrierTable);
    await admin.query(ledgerStatements.tables);
    return new RealServer(created.url, admin, async () => {
      await admin.end();
      await created.drop();
    });
  }

  async scripted(): Promise<ScriptedServer & { close(): Promise<void> }> {
    const { admin, url } = this;
    await admin.query('TRUNCATE saga_barrier, ledger; UPDATE account SET balance = 0');
    const clients = new Map<string, Client>();
    const pids = new Map<string, number>();
    const blockerOf = async (session: string) => {
      const { rows } = await admin.query<{ pids: number[] }>('SELECT pg_blocking_pids($1) AS pids', [
        pids.get(session),
      ]);
      return [...pids].find(([, pid]) => pid === rows[0]?.pids[0])?.[0];
    };
    return {
      open: async (session, isReadOnly) => {
        const client = await connect(url);
        clients.set(session, client);
        const { rows } = await client.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
        pids.set(session, rows[0]?.pid ?? 0);
        // Long enough that a deadlock is complete before the first that waits looks for one.
        await client.query(`SET deadlock_timeout = '2s'`);
        if (isReadOnly) await client.query('SET default_transaction_read_only = on');
        const ask = async (text: string, values: readonly unknown[] = []) => {
          const query = values.length > 0 ? { text, values: [...values] } : { text };
          const answer = await client.query(query).catch(async (error: unknown) => {
            // The server says what is wrong before it has aborted the transaction; the next answer comes after that.
            await client.query('').catch(() => undefined);
            throw error;
          });
          return [answer].flat();
        };
        return {
          send: async (text, values) => lastOf(await ask(text, values)),
          sendTogether: (statements) => ask(written(statements)),
        };
      },
      terminate: async (session) => {
        await admin.query('SELECT pg_terminate_backend($1, 5000)', [pids.get(session)]);
      },
      quiet: async (underWay) => {
        await until('everything is over or waits', async () => {
          for (const session of underWay()) if ((await blockerOf(session)) === undefined) return false;
          return true;
        });
      },
      until: async (holds) => {
        while (!holds()) await pause(5);
      },
      blockerOf,
      rows: async () => ({
        barrier: (await admin.query(BARRIER_ROWS)).rows,
        ledger: (await admin.query('SELECT op, step, input, output FROM ledger ORDER BY step, op')).rows,
        accounts: (await admin.query('SELECT id, balance::integer FROM account ORDER BY id')).rows,
      }),
      close: async () => {
        for (const client of clients.values()) await client.end().catch(() => undefined);
      },
    };
  }
}

const BARRIER_ROWS = `
  SELECT saga_id, step, op, state, input, result, refusal_code FROM saga_barrier ORDER BY saga_id, step, op`;

function lastOf<Answer>(answers: readonly Answer[]): Answer {
  return answers.at(-1) as Answer;
}

async function connect(url: string): Promise<Client> {
  const client = new Client({ connectionString: url });
  // A session that is terminated emits it, too.
  client.on('error', () => undefined);
  await client.connect();
  return client;
}

/**
 * The same on the simulated server, whose time passes only where something waits for it.
 * @param races who is first, where two race: 0 for the one that has waited longer. @default always that one
 */
export function simulatedServer(races: readonly number[] = []): ScriptedServer {
  const agenda = new Agenda(new Choices(0, []));
  let race = 0;
  const time = {
    get now() {
      return agenda.now;
    },
    later: (ms: number, run: () => void) => agenda.after(ms, run),
    pick: (count: number) => (count === 2 ? (races[race++] ?? 0) : 0),
  };
  const server = new SimulatedServer(time);
  const clients = new Map<string, SimulatedClient>();
  const waitsFor = (name: string) => clients.get(name)?.session.waitsFor;
  return {
    open: async (name, isReadOnly) => {
      if (isReadOnly) server.failOver(0, Infinity);
      const client = new SimulatedClient(server, new DatabaseFaults(time, undefined), () => undefined);
      client.on('error', () => undefined);
      clients.set(name, client);
      const ask = async (query: {
        text: string;
        values?: readonly unknown[];
        statements?: readonly Statement[];
      }) => await client.query({ ...query, query_timeout: 60_000 });
      return await Promise.resolve({
        send: async (text, values = []) => lastOf(await ask({ text, values })),
        sendTogether: (statements) => ask({ text: written(statements), statements }),
      });
    },
    terminate: async (name) => {
      clients.get(name)?.session.terminate('57P01', TERMINATED);
      await Promise.resolve();
    },
    quiet: async (underWay) => await agenda.until(() => underWay().every(waitsFor)),
    until: async (holds) => await agenda.until(holds),
    blockerOf: async (name) => {
      const blocker = waitsFor(name);
      return await Promise.resolve(
        [...clients].find(([, { session }]) => blocker && session.transaction === blocker)?.[0],
      );
    },
    rows: async () => {
      const { barrier, ledger, accounts } = server.tables;
      const pick = ({ saga_id, step, op, state, input, result, refusal_code }: Record<string, unknown>) => ({
        saga_id,
        step,
        op,
        state,
        input,
        result,
        refusal_code,
      });
      const key = (row: Record<string, unknown>) =>
        [row['saga_id'], row['step'], row['op']].map(String).join();
      return await Promise.resolve({
        barrier: barrier
          .committed()
          .map(pick)
          .sort((a, b) => (key(a) < key(b) ? -1 : 1)),
        ledger: effectsIn(ledger)
          .map(({ op, step, input, output }) => ({ op, step, input, output }))
          .sort((a, b) => (a.step + a.op < b.step + b.op ? -1 : 1)),
        accounts: accounts.committed().sort((a, b) => (String(a['id']) < String(b['id']) ? -1 : 1)),
      });
    },
  };
}
