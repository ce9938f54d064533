import { EventEmitter } from 'node:events';
import { SimulatedClient } from './client';
import { networkError } from './errors';
import type { DatabaseFaults } from './faults';
import type { SimulatedServer } from './server';

/** A connection takes so long to be made, in milliseconds. */
const CONNECT_MS = 2;

/** A client that was taken from a pool. */
export class PooledSimulatedClient extends SimulatedClient {
  /** Gives it back. @param destroy it is not used again. */
  release: (destroy: boolean) => void = () => undefined;
}

/**
 * The pool of one process, as `pg` has it: the connection that was released last is taken first. It has no limit,
 * and closes no connection for being idle: those of a busy process never are.
 */
export class SimulatedPool extends EventEmitter {
  private readonly idle: {
    readonly client: PooledSimulatedClient;
    readonly onError: (error: Error) => void;
  }[] = [];
  private readonly clients = new Set<PooledSimulatedClient>();
  private isDead = false;
  private die: () => void = () => undefined;
  /** Resolves when its process is killed. What runs in it then never goes on. */
  readonly died = new Promise<void>((resolve) => {
    this.die = resolve;
  });

  constructor(
    private readonly server: SimulatedServer,
    private readonly faults: DatabaseFaults,
  ) {
    super();
  }

  async connect(): Promise<PooledSimulatedClient> {
    if (this.isDead) return await new Promise<never>(() => undefined);
    const known = this.idle.pop();
    if (known) {
      known.client.off('error', known.onError);
      return known.client;
    }
    await new Promise<void>((resolve) => this.server.time.later(CONNECT_MS, resolve));
    if (this.isDead) return await new Promise<never>(() => undefined);
    if (!this.server.isUp) throw networkError('ECONNREFUSED');
    const client = new PooledSimulatedClient(this.server, this.faults, () => this.kill());
    client.release = (destroy) => this.takeBack(client, destroy);
    this.clients.add(client);
    this.emit('connect', client);
    return client;
  }

  /** Says goodbye to the server with each connection that nobody uses. */
  async end(): Promise<void> {
    for (const { client } of this.idle.splice(0)) client.end();
    return await Promise.resolve();
  }

  /** Ends the process that the pool is in. */
  kill(): void {
    if (this.isDead) return;
    this.isDead = true;
    for (const client of this.clients) client.die();
    this.die();
  }

  private takeBack(client: PooledSimulatedClient, destroy: boolean): void {
    if (destroy) {
      this.clients.delete(client);
      client.end();
      return;
    }
    const onError = (error: Error) => {
      this.clients.delete(client);
      this.idle.splice(
        this.idle.findIndex((one) => one.client === client),
        1,
      );
      this.emit('error', error);
    };
    client.on('error', onError);
    this.idle.push({ client, onError });
  }
}
