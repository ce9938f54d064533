import { EventEmitter } from 'node:events';
import type { DatabaseError } from 'pg';
import { networkError } from './errors';
import type { DatabaseFaults, QueryFault } from './faults';
import type { SimulatedServer } from './server';
import type { Answer, Answered, Sent, Session } from './session';

/** A query, as far as a client of `pg` knows it. */
export interface ClientQuery {
  readonly text: string;
  readonly values?: readonly unknown[];
  /** What `text` is written of, where it is several. */
  readonly statements?: readonly Sent[];
  readonly query_timeout: number;
}

interface Active {
  readonly resolve: (answers: readonly Answer[]) => void;
  readonly reject: (error: Error) => void;
  readonly stop: () => void;
}

/** A connection as `pg` gives it: what it emits, and what it rejects with. The network below it has faults. */
export class SimulatedClient extends EventEmitter {
  readonly session: Session;
  private active: Active | undefined;
  private isLost = false;
  /** Nothing comes through any more. */
  private isCut = false;
  private isGivenUp = false;
  private lastArrival = 0;

  /** @param kill ends the process that this client is in. */
  constructor(
    private readonly server: SimulatedServer,
    private readonly faults: DatabaseFaults,
    private readonly kill: () => void,
  ) {
    super();
    this.session = server.connect((error) => this.onFatal(error));
  }

  /** Sends a query. After a fault that the client does not notice, it is rejected when its time is over. */
  query({ text, values, statements, query_timeout }: ClientQuery): Promise<readonly Answer[]> {
    if (this.isLost)
      return Promise.reject(new Error('Client has encountered a connection error and is not queryable'));
    return new Promise((resolve, reject) => {
      const { time } = this.server;
      // The client of `pg` forgets the query, and goes on to use the connection if one lets it.
      const stop = time.later(query_timeout, () => this.settle()?.reject(new Error('Query read timeout')));
      this.active = { resolve, reject, stop };
      this.send(statements ?? [{ text, ...(values && { values }) }], this.faults.next());
    });
  }

  /** Says goodbye, and emits nothing any more. */
  end(): void {
    this.isLost = true;
    this.isGivenUp = true;
    this.arrive(1, () => this.session.hangUp());
  }

  /** Its process is dead, and the server learns of it after a while. Nothing that was asked is ever answered. */
  die(): void {
    this.isLost = true;
    this.isGivenUp = true;
    this.settle();
    this.hangUpLater();
  }

  private send(statements: readonly Sent[], fault: QueryFault | undefined): void {
    const { server } = this;
    const answer = (answered: Answered) => this.receive(answered);
    const deliver = (more: object = {}) =>
      this.arrive(this.faults.delayMs(), () => this.session.receive({ statements, answer, ...more }));
    switch (fault?.kind) {
      case undefined:
        return deliver();
      case 'lost before':
        return this.reset();
      case 'lost after':
        deliver();
        return this.reset();
      case 'answer lost':
        return deliver({ answer: () => this.reset() });
      case 'silent':
        if (fault.arrives) deliver();
        this.isCut = true;
        return undefined;
      case 'fails':
        return deliver(statements[0]?.text === 'ROLLBACK' ? {} : { failsWith: fault.sqlState });
      case 'slow':
        return deliver({ slowness: fault.slowness });
      case 'paused':
        return deliver({ answer: (answered: Answered) => this.receive(answered, fault.ms) });
      case 'killed':
        if (fault.arrives) deliver();
        return this.kill();
      case 'failover':
        deliver();
        return server.failOver(fault.downMs, fault.readOnlyMs);
    }
  }

  /** What is sent over one connection arrives in its order. */
  private arrive(ms: number, run: () => void): void {
    if (this.isCut) return;
    const { time } = this.server;
    this.lastArrival = Math.max(this.lastArrival, time.now + ms);
    time.later(this.lastArrival - time.now, run);
  }

  private receive(answered: Answered, pauseMs = 0): void {
    if (this.isCut) return;
    const active = this.settle();
    const pass = () => {
      if ('error' in answered) active?.reject(answered.error);
      else active?.resolve(answered.answers);
    };
    if (pauseMs > 0) this.server.time.later(pauseMs, pass);
    else pass();
  }

  /** A query under way gets the error, and then the connection ends; else the error is all that there is. */
  private onFatal(error: DatabaseError): void {
    if (this.isCut || this.isLost) return;
    const active = this.settle();
    if (!active) return this.lose(error);
    this.isLost = true;
    active.reject(error);
    this.server.time.later(0, () => {
      if (!this.isGivenUp) this.emit('error', new Error('Connection terminated unexpectedly'));
    });
  }

  private reset(): void {
    this.hangUpLater();
    this.lose(networkError('ECONNRESET'));
  }

  private lose(error: Error): void {
    this.isLost = true;
    this.emit('error', error);
    this.settle()?.reject(error);
  }

  private hangUpLater(): void {
    this.arrive(this.faults.hangUpMs(), () => this.session.hangUp());
  }

  private settle(): Active | undefined {
    const { active } = this;
    active?.stop();
    this.active = undefined;
    return active;
  }
}
