/** Orders to fulfil, some at a time. */
export interface Request {
  /** Begins every order's id: no order is fulfilled twice. */
  readonly prefix: string;
  /** At least so many. */
  readonly orders: number;
  /** At least so long: orders begin until then, and until there are enough of them. */
  readonly seconds?: number;
  readonly concurrency: number;
  /** Which way the orders go: all to their end, or all to the last step, which refuses them. */
  readonly path: 'happy' | 'compensated';
  /** Whether the customer is answered early, if the contender can do that. */
  readonly early?: boolean;
}

/** What fulfilling them took. */
export interface Load {
  readonly seconds: number;
  /** When each order ended, in order, in milliseconds since the first one began. */
  readonly ends: readonly number[];
  /** Of each order, in milliseconds. */
  readonly latencies: readonly number[];
  /** When each customer knew that the order is accepted, at its end at the latest, in milliseconds. */
  readonly firstAnswers: readonly number[];
  /** User and system time of the process, in milliseconds. */
  readonly cpuMs: number;
}

export type Response =
  | { readonly ready: true; readonly compensates: boolean }
  | { readonly result: Load }
  | { readonly error: string };
