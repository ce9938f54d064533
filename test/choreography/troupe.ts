import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { Client } from 'pg';
import type { ShopEvent } from '../../examples/choreography/events';
import type { OrderDesk } from '../../examples/choreography/order-desk';
import type { Participant } from '../../examples/choreography/participant';
import { prepareDatabases } from '../../examples/choreography/prepare';
import { startRelay } from '../../examples/choreography/relay';
import { openDesk } from '../../examples/choreography/run';
import { defaultSettings, type Running } from '../../examples/choreography/runner';
import { serviceTasks, startService, type TasksOf } from '../../examples/choreography/start-service';
import { projectRoot } from '../../dev/home';
import { checkInvariants } from '../../services/invariants';
import { type ServiceName, serviceNames, type ServiceUrls } from '../../services/names';
import { settingOf } from '../../src/worker';
import { createShopDatabases } from '../support/database';
import { until } from '../support/until';

/** Who takes part, and can be stopped, killed and started by itself. */
export type Member = ServiceName | 'relay';

export const members: readonly Member[] = [...serviceNames, 'relay'];

/** Faults are retried soon here. */
const settings = {
  ...defaultSettings,
  concurrency: 4,
  pollMs: 100,
  housekeepingMs: 200,
  retryWithinMs: 300,
  log: () => undefined,
};

/** The choreography on its own databases. Its members are started and stopped one by one, in this process or in others. */
export class Troupe {
  /** The events that members in this process were given. */
  readonly seen: { readonly to: ServiceName; readonly event: ShopEvent }[] = [];
  private readonly here = new Map<Member, Running>();
  private readonly processes = new Map<Member, ChildProcess>();

  private constructor(
    readonly urls: ServiceUrls,
    readonly desk: OrderDesk,
    private readonly drop: () => Promise<void>,
  ) {}

  static async open(name: string): Promise<Troupe> {
    const { urls, drop } = await createShopDatabases(name);
    await prepareDatabases(urls);
    return new Troupe(urls, openDesk(urls, settings), drop);
  }

  /** Starts members in this process. */
  async start(...names: readonly Member[]): Promise<void> {
    for (const name of names) {
      const starting =
        name === 'relay'
          ? startRelay(this.urls, settings)
          : startService(name, this.urls[name], settings, (service) => this.recorded(name, service));
      this.here.set(name, await starting);
    }
  }

  private recorded(to: ServiceName, service: Participant): ReturnType<TasksOf> {
    const tasks = serviceTasks[to](service);
    for (const [name, task] of Object.entries(tasks)) {
      tasks[name] = (payload, helpers) => {
        this.seen.push({ to, event: payload as ShopEvent });
        return task?.(payload, helpers);
      };
    }
    return tasks;
  }

  async stop(...names: readonly Member[]): Promise<void> {
    const stopping = names.flatMap((name) => this.here.get(name) ?? []);
    for (const name of names) this.here.delete(name);
    await Promise.all(stopping.map((running) => running.stop()));
  }

  /** Starts a member in a new process. @param entry what it runs; it is given the member's name. */
  async spawn(name: Member, entry = 'examples/choreography/service.ts'): Promise<ChildProcess> {
    const child = this.launch(name, entry);
    this.processes.set(name, child);
    await Promise.race([
      once(child, 'message'),
      once(child, 'exit').then(([code, signal]) => {
        throw new Error(`the process of ${name} ended with ${signal ?? code} before it was ready`);
      }),
    ]);
    return child;
  }

  /** Kills the process of a member, with all that it was doing. */
  async kill(name: Member): Promise<void> {
    const child = this.processes.get(name);
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }

  /** Adds a job for an event as the relay does. */
  async deliver(to: ServiceName, event: ShopEvent): Promise<void> {
    await this.query(to, 'SELECT graphile_worker.add_job($1, $2::json)', [event.type, JSON.stringify(event)]);
  }

  /** Postpones the jobs of an event, or lets them come. */
  async reschedule(service: ServiceName, event: string, orderId: string, runAt: string): Promise<void> {
    const sql = `SELECT graphile_worker.reschedule_jobs(array_agg(id), run_at => now() + $2::interval)
                 FROM graphile_worker.jobs WHERE key = $1`;
    await this.query(service, sql, [`${event} ${orderId}`, runAt]);
  }

  async query<Row extends object>(service: ServiceName, sql: string, values: unknown[] = []): Promise<Row[]> {
    const client = new Client({ connectionString: this.urls[service] });
    await client.connect();
    try {
      return (await client.query<Row>(sql, values)).rows;
    } finally {
      await client.end();
    }
  }

  /** What the services hold. */
  async contents(): Promise<object> {
    const tables = {
      order: ['orders', 'order_history'],
      payment: ['authorisations', 'entries', 'postings', 'accounts'],
      inventory: ['reservations', 'stock'],
      shipping: ['shipments'],
    };
    const found: Record<string, object[]> = {};
    for (const service of serviceNames) {
      for (const table of tables[service]) {
        found[table] = await this.query(service, `SELECT * FROM ${table} ORDER BY ${table}::text`);
      }
    }
    return found;
  }

  /** Waits until nobody has anything to do, at any service. Only reviews may be due later. */
  async untilIdle(...services: readonly ServiceName[]): Promise<void> {
    for (const service of services.length > 0 ? services : serviceNames) {
      await until(`${service} to have no job`, async () => {
        const sql = `SELECT FROM graphile_worker.jobs WHERE task_identifier <> 'ReviewOverdue'`;
        return (await this.query(service, sql)).length === 0;
      });
    }
  }

  /** What must hold when no order moves; every order that was opened must have ended. */
  async expectAllWell(): Promise<void> {
    await this.untilIdle();
    const ended = await this.desk.allEnded();
    const opened = await this.query<{ id: string }>('order', 'SELECT order_id AS id FROM orders');
    const over = new Set(ended.map(({ orderId }) => orderId));
    expect(opened.filter(({ id }) => !over.has(id))).toEqual([]);
    const report = await checkInvariants(this.urls, ended);
    expect(report.filter(({ holds }) => !holds)).toEqual([]);
  }

  async close(): Promise<void> {
    await this.stop(...this.here.keys());
    await Promise.all([...this.processes.keys()].map((name) => this.kill(name)));
    await this.desk.close();
    await this.drop();
  }

  private launch(name: Member, entry: string): ChildProcess {
    const known = name === 'relay' ? serviceNames : [name];
    const { log: _log, ...own } = settings;
    return spawn(process.execPath, ['--require', 'tsx/cjs', join(projectRoot, entry), name], {
      cwd: projectRoot,
      env: {
        PATH: process.env['PATH'],
        CHOREOGRAPHY_SETTINGS: JSON.stringify(own),
        ...Object.fromEntries(
          known.map((service) => [settingOf(service, 'DATABASE_URL'), this.urls[service]]),
        ),
      },
      // What it logs while it is killed and its database is away is no news.
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
  }
}
