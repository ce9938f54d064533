import { ApplicationFailure } from '@temporalio/activity';
import { z } from 'zod';
import { action, compensation, type Database, Refusal } from '../../src/participant';
import { type Done, type Order, type Table, tables, UNDELIVERABLE } from './order';
import { perform, type Sql, undo, Undeliverable } from './services';

/** What the activities of a contender do: nothing at all, the business step, the same in a transaction, or behind the barrier. */
export type Participants = 'empty' | 'plain' | 'transaction' | 'barrier';

/** The activity that performs a step, and the one that takes it back. */
export const doing = {
  orders: 'openOrder',
  reservations: 'reserveStock',
  payments: 'takePayment',
  shipments: 'bookShipment',
} as const;
export const undoing = {
  orders: 'closeOrder',
  reservations: 'releaseStock',
  payments: 'refundPayment',
  shipments: 'cancelShipment',
} as const;

export type BusinessActivities = {
  readonly [Name in (typeof doing)[Table]]: (order: Order) => Promise<Done>;
} & { readonly [Name in (typeof undoing)[Table]]: (undo: { readonly input: Order }) => Promise<void> };

/** Activities without a barrier: one statement each, or none. */
export function plainActivities(sql: Sql | undefined): BusinessActivities {
  const act = (table: Table) => async (order: Order) => {
    try {
      return await perform(sql ?? nowhere, table, order);
    } catch (error) {
      if (!(error instanceof Undeliverable)) throw error;
      throw ApplicationFailure.nonRetryable(error.message, UNDELIVERABLE);
    }
  };
  const take =
    (table: Table) =>
    async ({ input }: { readonly input: Order }) =>
      undo(sql ?? nowhere, table, input);
  return activities(act, take);
}

/** The same steps behind Unwind's barrier. */
export function barrierActivities(database: Database): object {
  const act = (table: Table) =>
    action(database, contract, async (tx, order: Order) => {
      try {
        return await perform(tx, table, order);
      } catch (error) {
        throw error instanceof Undeliverable ? new Refusal(UNDELIVERABLE, error.message) : error;
      }
    });
  const take = (table: Table) =>
    compensation(database, contract, async (tx, { input }) => undo(tx, table, input));
  return activities(act, take);
}

const nowhere = { query: async () => undefined };

const contract = {
  input: z.strictObject({
    orderId: z.string(),
    customer: z.string(),
    sku: z.string(),
    quantity: z.int(),
    amount: z.int(),
    country: z.string().length(2),
  }),
  output: z.strictObject({ orderId: z.string(), at: z.string() }),
};

function activities<Act, Take>(act: (table: Table) => Act, take: (table: Table) => Take) {
  return Object.fromEntries(
    tables.flatMap((table) => [
      [doing[table], act(table)],
      [undoing[table], take(table)],
    ]),
  ) as never;
}
