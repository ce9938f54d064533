import type { DatabaseError } from 'pg';
import { accounts } from './ledger';
import { type CommitLog, Transaction } from './rows';
import { Session, type SimulatedTime } from './session';
import { Tables } from './statements';

export const TERMINATED = 'terminating connection due to administrator command';

/**
 * A PostgreSQL server in memory, at READ COMMITTED, with the barrier's table and a ledger. It knows the statements that the barrier and
 * the simulated participants send, and refuses every other.
 */
export class SimulatedServer {
  readonly tables = new Tables();
  private readonly log: CommitLog = { last: 0 };
  private sessions: Session[] = [];
  private upAt = 0;
  private writableAt = 0;

  constructor(readonly time: SimulatedTime) {
    const seeding = new Transaction(this.log, () => 0);
    for (const id of accounts) this.tables.accounts.insert(id, { id, balance: 0 }, seeding);
    seeding.commit();
  }

  /** Whether it accepts connections. */
  get isUp(): boolean {
    return this.time.now >= this.upAt;
  }

  /** @param onFatal see {@link Session}. */
  connect(onFatal: (error: DatabaseError) => void): Session {
    const takesNoWrites = this.time.now < this.writableAt;
    const session = new Session(this.time, this.tables, this.log, takesNoWrites, onFatal);
    this.sessions = [...this.sessions.filter((one) => !one.isOver), session];
    return session;
  }

  /**
   * Another server takes over, with all that was committed. Every session ends. For some time no connection is accepted; then, for some
   * time, connections lead to the old primary, which takes no writes, for as long as they last.
   */
  failOver(downMs: number, readOnlyMs: number): void {
    this.upAt = this.time.now + downMs;
    this.writableAt = this.upAt + readOnlyMs;
    for (const session of this.sessions) session.terminate('57P01', TERMINATED);
  }

  /** Transactions that are neither committed nor rolled back. */
  get openTransactions(): number {
    return this.sessions.filter(({ isOver, transaction }) => !isOver && transaction?.state === 'in progress')
      .length;
  }
}
