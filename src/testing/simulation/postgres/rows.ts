/** The columns of a version of a row. */
export type Values = Readonly<Record<string, unknown>>;

/** A row, and the transaction that has locked it. There are no deletes, so a row that was committed remains. */
export class Row {
  /** The committed version; absent while the transaction that inserts it is in progress. */
  committed: Values | undefined;
  /** What the holder has made of it. */
  pending: Values | undefined;
  /** Locks it until its end. */
  holder: Transaction | undefined;
  /** Those that wait for its lock: first come, first served. */
  readonly queue: Transaction[] = [];
  /** Its place in the order of commits. */
  committedAt = 0;

  /** The version that a statement of a transaction sees. */
  seenBy(transaction: Transaction | undefined): Values | undefined {
    return (transaction && this.holder === transaction && this.pending) || this.committed;
  }
}

/** Rows, by a unique key. */
export class Table {
  private readonly rows = new Map<string, Row>();
  private inserted = 0;

  /** A row that is there, or that a transaction in progress inserts. */
  find(key: string): Row | undefined {
    return this.rows.get(key);
  }

  insert(key: string, values: Values, transaction: Transaction): void {
    const row = new Row();
    this.rows.set(key, row);
    transaction.lock(row, () => this.rows.delete(key));
    row.pending = values;
  }

  /** Into a table without a key. */
  insertKeyless(values: Values, transaction: Transaction): void {
    this.insert(String(this.inserted++), values, transaction);
  }

  /** What a statement of a transaction sees, in no order; what is committed, without one. */
  seenBy(transaction?: Transaction): Values[] {
    return [...this.rows.values()].map((row) => row.seenBy(transaction)).filter((seen) => seen !== undefined);
  }

  /** What is committed, in the order of the commits. */
  committed(): Values[] {
    return [...this.rows.values()]
      .filter((row) => row.committed)
      .sort((a, b) => a.committedAt - b.committedAt)
      .map((row) => row.committed as Values);
  }
}

/** What was committed last, of all transactions of a store. */
export interface CommitLog {
  last: number;
}

/** Why a statement cannot go on. */
export interface Blocked {
  readonly blockedBy: Transaction;
  /** The row whose lock it waits for; absent where it waits whether a row is inserted, for which there is no queue. */
  readonly lockOf?: Row;
}

/** A statement that waits. */
interface Waiter extends Blocked {
  /** Called when the transaction that it waits for is over. */
  readonly retry: () => void;
}

/** A transaction and its locks. */
export class Transaction {
  state: 'in progress' | 'committed' | 'aborted' = 'in progress';
  private readonly locked = new Map<Row, () => void>();
  private waiters: Waiter[] = [];
  private waiting: Waiter | undefined;

  /** @param pick which goes on first of those that wait whether a row is inserted: the server's processes race. */
  constructor(
    private readonly log: CommitLog,
    private readonly pick: (count: number) => number,
  ) {}

  /** @param remove takes away a row that this transaction has inserted. */
  lock(row: Row, remove?: () => void): void {
    row.holder = this;
    if (!this.locked.has(row)) this.locked.set(row, remove ?? (() => undefined));
  }

  /** The transaction for which its statement waits: the one ahead of it in the queue, or the one that holds the lock. */
  get waitsFor(): Transaction | undefined {
    if (!this.waiting?.lockOf) return this.waiting?.blockedBy;
    const { queue, holder } = this.waiting.lockOf;
    return queue[queue.indexOf(this) - 1] ?? holder;
  }

  waitFor(waiter: Waiter): void {
    this.waiting = waiter;
    const { blockedBy, lockOf } = waiter;
    if (lockOf && !lockOf.queue.includes(this)) lockOf.queue.push(this);
    blockedBy.waiters.push(waiter);
  }

  /** It has what it has waited for, or gives up. */
  waitNoMore(): void {
    const { waiting } = this;
    if (!waiting) return;
    const { blockedBy, lockOf } = waiting;
    this.waiting = undefined;
    blockedBy.waiters = blockedBy.waiters.filter((one) => one !== waiting);
    if (lockOf?.queue.includes(this)) lockOf.queue.splice(lockOf.queue.indexOf(this), 1);
  }

  /** Whether it waits, perhaps through others, for itself. */
  get isDeadlocked(): boolean {
    const seen = new Set<Transaction>();
    for (let next = this.waitsFor; next && !seen.has(next); next = next.waitsFor) {
      if (next === this) return true;
      seen.add(next);
    }
    return false;
  }

  commit(): void {
    this.log.last++;
    for (const row of this.locked.keys()) {
      if (!row.pending) continue;
      row.committed = row.pending;
      row.committedAt = this.log.last;
    }
    this.end('committed');
  }

  /** Releases the locks at once, as Postgres does at the error, and not only at the ROLLBACK. */
  abort(): void {
    if (this.state !== 'in progress') return;
    for (const [row, remove] of this.locked) if (!row.committed) remove();
    this.end('aborted');
  }

  private end(state: 'committed' | 'aborted'): void {
    this.state = state;
    for (const row of this.locked.keys()) {
      row.holder = undefined;
      row.pending = undefined;
    }
    const { waiters } = this;
    this.waiters = [];
    const racing = waiters.filter(({ lockOf }) => lockOf === undefined);
    while (racing.length > 0) {
      const [first] = racing.splice(racing.length > 1 ? this.pick(racing.length) : 0, 1);
      first?.retry();
    }
    for (const { lockOf, retry } of waiters) if (lockOf) retry();
  }
}
