import { DatabaseError } from 'pg';
import { pgError } from './errors';
import { type CommitLog, Transaction } from './rows';
import { type Executed, statementOf, type Tables } from './statements';

/** What a simulated server needs of its simulation. */
export interface SimulatedTime {
  /** In epoch milliseconds. */
  readonly now: number;
  /** Has something happen in so many milliseconds. @returns what takes it off again. */
  later(ms: number, run: () => void): () => void;
  /** @returns one of `0 … count - 1`; 0 is the uneventful one. */
  pick(count: number): number;
}

/** The answer to a statement. */
export interface Answer {
  readonly command: string;
  readonly rows: Record<string, unknown>[];
}

/** The answer to a query: to each of its statements, or why one of them failed. */
export type Answered = { readonly answers: readonly Answer[] } | { readonly error: DatabaseError };

/** A statement and its values. */
export interface Sent {
  readonly text: string;
  readonly values?: readonly unknown[] | undefined;
}

export interface Query {
  /** One, or several in one message: after one that fails none is run. */
  readonly statements: readonly Sent[];
  readonly answer: (answered: Answered) => void;
  /** Fails with this SQLSTATE instead. */
  readonly failsWith?: string;
  /** How much of its time limit it takes, whether it waits for a lock or not; it takes longer than its limit from 1 on. */
  readonly slowness?: number;
}

/** A statement with the faults of its query that meet it. */
type Faulty = Sent & { readonly slowness: number; readonly failsWith?: string };

/** Of the server's settings: when a statement that waits for a lock looks whether it waits for itself. In milliseconds. */
const DEADLOCK_TIMEOUT = 1_000;
const LIMIT = /^SET LOCAL (statement_timeout|idle_in_transaction_session_timeout) = (\d+)$/;
const NO_LIMITS = { statement_timeout: 0, idle_in_transaction_session_timeout: 0 };
const BEGIN = 'BEGIN ISOLATION LEVEL READ COMMITTED';

/** A session of a client with the server, in which one query comes after the other. */
export class Session {
  /** The transaction block, until COMMIT or ROLLBACK. */
  transaction: Transaction | undefined;
  private limits = NO_LIMITS;
  private active: ((answered: Answered) => void) | undefined;
  private hasClient = true;
  isOver = false;
  private readonly stops: (() => void)[] = [];

  /**
   * @param takesNoWrites whether it leads to a server that is no primary any more.
   * @param onFatal told why the server has ended the session; a query under way has no other answer.
   */
  constructor(
    private readonly time: SimulatedTime,
    private readonly tables: Tables,
    private readonly log: CommitLog,
    private readonly takesNoWrites: boolean,
    private readonly onFatal: (error: DatabaseError) => void,
  ) {}

  /** Whether a query is under way. */
  get isActive(): boolean {
    return this.active !== undefined;
  }

  /** @throws Error for a statement that the simulation does not know. */
  receive({ statements, answer, failsWith, slowness = 0 }: Query): void {
    if (this.isOver) return;
    this.stopTimers();
    this.active = answer;
    const last = statements.length - 1;
    const failing = last > 0 && failsWith !== undefined ? last - this.time.pick(2) : last;
    const faulty = statements.map((statement, index) => ({
      ...statement,
      slowness,
      ...(failsWith !== undefined && index === failing && { failsWith }),
    }));
    this.next(faulty, []);
  }

  private next(statements: readonly Faulty[], answers: readonly Answer[]): void {
    const statement = statements[answers.length];
    if (!statement) return this.finish({ answers });
    this.begin(statement, (answer) => {
      this.stopTimers();
      this.next(statements, [...answers, answer]);
    });
  }

  private begin({ text, values = [], failsWith, slowness }: Faulty, done: (answer: Answer) => void): void {
    if (text === 'COMMIT' || text === 'ROLLBACK') {
      if (failsWith !== undefined) return this.fail(failsWith, 'the transaction could not be committed');
      return done(this.end(text));
    }
    if (text === BEGIN && !this.transaction)
      this.transaction = new Transaction(this.log, (count) => this.time.pick(count));
    const { transaction } = this;
    if (!transaction)
      throw new Error(`the simulated database knows no statement outside of a transaction: ${text}`);
    if (transaction.state !== 'in progress')
      return this.finish({
        error: pgError(
          '25P02',
          'current transaction is aborted, commands ignored until end of transaction block',
        ),
      });
    if (failsWith !== undefined) return this.fail(failsWith, 'the transaction was rolled back');
    if (text === BEGIN) return done({ command: 'BEGIN', rows: [] });
    const [, name, ms] = LIMIT.exec(text) ?? [];
    if (name !== undefined) {
      this.limits = { ...this.limits, [name]: Number(ms) };
      return done({ command: 'SET', rows: [] });
    }
    const statement = statementOf(this.tables, text, values);
    if (statement.writes && this.takesNoWrites)
      return this.fail('25006', `cannot execute ${statement.writes} in a read-only transaction`);
    const { statement_timeout } = this.limits;
    this.after(statement_timeout, () => this.fail('57014', 'canceling statement due to statement timeout'));
    const run = () => this.run(transaction, statement.run, done);
    if (slowness > 0) this.after(slowness * statement_timeout, run);
    else run();
  }

  /** The transaction for which the statement under way waits. */
  get waitsFor(): Transaction | undefined {
    return this.transaction?.waitsFor;
  }

  /** The client is gone. A query under way goes on, as the server looks only when it reads the next one. */
  hangUp(): void {
    this.hasClient = false;
    if (!this.isActive) this.close();
  }

  /** The server ends it. */
  terminate(sqlState: string, message: string): void {
    if (this.isOver) return;
    this.close();
    this.onFatal(pgError(sqlState, message));
  }

  private run(
    transaction: Transaction,
    statement: (transaction: Transaction) => Executed,
    done: (answer: Answer) => void,
  ): void {
    const executed = this.execute(transaction, statement);
    if (!executed) return;
    if (!('blockedBy' in executed)) {
      transaction.waitNoMore();
      return done(executed);
    }
    const stop = this.watchForDeadlock(transaction);
    this.stops.push(stop);
    transaction.waitFor({
      ...executed,
      retry: () => {
        stop();
        this.run(transaction, statement, done);
      },
    });
  }

  /** Of those that wait for each other any may be the first to look: mostly the one that has waited longest. */
  private watchForDeadlock(transaction: Transaction): () => void {
    const look = () => {
      if (!transaction.isDeadlocked) return;
      if (this.time.pick(2) === 0) this.fail('40P01', 'deadlock detected');
      else stop = this.time.later(DEADLOCK_TIMEOUT, look);
    };
    let stop = this.time.later(DEADLOCK_TIMEOUT, look);
    return () => stop();
  }

  private execute(
    transaction: Transaction,
    statement: (transaction: Transaction) => Executed,
  ): Executed | undefined {
    try {
      return statement(transaction);
    } catch (error) {
      if (!(error instanceof DatabaseError)) throw error;
      this.fail(error.code ?? '', error.message);
      return undefined;
    }
  }

  private end(text: 'COMMIT' | 'ROLLBACK'): Answer {
    const { transaction } = this;
    this.transaction = undefined;
    this.limits = NO_LIMITS;
    const commits = text === 'COMMIT' && transaction?.state !== 'aborted';
    if (commits) transaction?.commit();
    else transaction?.abort();
    return { command: commits ? 'COMMIT' : 'ROLLBACK', rows: [] };
  }

  private fail(sqlState: string, message: string): void {
    this.transaction?.waitNoMore();
    this.transaction?.abort();
    // What SET LOCAL has set ends with the transaction's work, and not with its block.
    this.limits = NO_LIMITS;
    this.finish({ error: pgError(sqlState, message) });
  }

  private finish(answered: Answered): void {
    const { active } = this;
    this.active = undefined;
    this.stopTimers();
    if (!this.hasClient) return this.close();
    const idleMs = this.limits.idle_in_transaction_session_timeout;
    if (this.transaction && idleMs > 0)
      this.after(idleMs, () =>
        this.terminate('25P03', 'terminating connection due to idle-in-transaction timeout'),
      );
    active?.(answered);
  }

  private close(): void {
    this.isOver = true;
    this.active = undefined;
    this.stopTimers();
    this.transaction?.waitNoMore();
    this.transaction?.abort();
  }

  private after(ms: number, run: () => void): void {
    this.stops.push(this.time.later(ms, run));
  }

  private stopTimers(): void {
    for (const stop of this.stops.splice(0)) stop();
  }
}
