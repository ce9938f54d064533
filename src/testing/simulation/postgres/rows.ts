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

/** A transaction and its locks. */
export class Transaction {
  state: 'in progress' | 'committed' | 'aborted' = 'in progress';
  /** The transaction for whose end its statement waits. */
  waitsFor: Transaction | undefined;
  private readonly locked = new Map<Row, () => void>();
  private waiters: (() => void)[] = [];

  /** @param pick which of several waiters gets a lock first: the server's processes race for it. */
  constructor(
    private readonly log: CommitLog,
    private readonly pick: (count: number) => number,
  ) {}

  /** @param remove takes away a row that this transaction has inserted. */
  lock(row: Row, remove?: () => void): void {
    row.holder = this;
    if (!this.locked.has(row)) this.locked.set(row, remove ?? (() => undefined));
  }

  /** @returns what withdraws the waiter. */
  whenOver(waiter: () => void): () => void {
    this.waiters.push(waiter);
    return () => {
      this.waiters = this.waiters.filter((one) => one !== waiter);
    };
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
    const waiters = this.waiters;
    this.waiters = [];
    while (waiters.length > 0) {
      const [first] = waiters.splice(waiters.length > 1 ? this.pick(waiters.length) : 0, 1);
      first?.();
    }
  }
}
