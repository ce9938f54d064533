import type { Order } from '../business/order';

/** Where a contender finds the servers of the benchmark. */
export interface Servers {
  /** The database with the business tables. */
  readonly databaseUrl: string;
  /** Of an administrator of the same Postgres, for contenders with databases of their own. */
  readonly adminUrl: string;
  /** Absent for contenders that use no Temporal server. */
  readonly temporal: { readonly address: string; readonly namespace: string };
  /** What a peer's own server is reached by, if the contender needs one. */
  readonly peers: Readonly<Record<string, string>>;
}

/** How an order ended. `firstAnswerMs` is when its customer knew that it is accepted, if that was before its end. */
export interface Ended {
  readonly kind: 'completed' | 'compensated';
  readonly firstAnswerMs?: number;
}

/** One way to fulfil orders, running: a worker and the client that gives it orders, in one process. */
export interface Running {
  /** Fulfils an order to its end. @throws an error that is neither a completed nor a compensated order */
  fulfil(order: Order): Promise<Ended>;
  /** Whether it undoes an order that is refused; a workflow without steps does not. @default true */
  readonly compensates?: boolean;
  /** The same with an early answer; absent where the contender has none. */
  fulfilWithEarlyAnswer?(order: Order): Promise<Ended>;
  stop(): Promise<void>;
}

/** Starts a contender in this process. */
export type Contender = (servers: Servers, settings: ContenderSettings) => Promise<Running>;

/** The same for every contender. */
export interface ContenderSettings {
  /** Sets this run's queues apart from those of other contenders. */
  readonly name: string;
  /** Activities, or steps, at once in this process; as many database connections. */
  readonly slots: number;
  readonly cachedWorkflows: number;
}

/** A contender's name where no slash may be: in ids, queues and files. */
export function plainName(name: string): string {
  return name.replaceAll('/', '-');
}
