import fc from 'fast-check';
import type { OrderRequest } from '../../../services/order/contract';

/** How an order is to end when no fault gets in its way; `either`: a customer's cancel races it. */
export type Intent = 'completed' | 'compensated' | 'cancelled' | 'either';

/** What a person does to an order, some time after it was placed. */
export type Act = 'approve' | 'decline' | 'cancel';

/** A kind of order. */
export interface OrderKind {
  readonly intent: Intent;
  readonly act?: Act;
  readonly change?: Partial<OrderRequest>;
  /** The activities that such an order surely goes through. */
  readonly actions: readonly string[];
  readonly compensations: readonly string[];
}

const opened = ['openOrder', 'reserveStock', 'authorisePayment'];
const unopened = ['closeOrder', 'releaseStock', 'voidPayment'];
const all = [...opened, 'bookShipment', 'capturePayment', 'dispatchShipment', 'shipStock', 'confirmOrder'];

const good: OrderKind = { intent: 'completed', actions: all, compensations: [] };
const hasty: OrderKind = { intent: 'either', act: 'cancel', actions: opened, compensations: [] };
const large = (intent: Intent, act: Act): OrderKind => ({
  intent,
  act,
  change: { lines: [{ sku: 'sku-laptop', quantity: 1 }] },
  actions: intent === 'completed' ? all : opened,
  compensations: intent === 'completed' ? [] : unopened,
});
const refused = (
  change: Partial<OrderRequest>,
  actions = ['openOrder'],
  compensations = ['closeOrder'],
): OrderKind => ({
  intent: 'compensated',
  change,
  actions,
  compensations,
});
const undeliverable = refused({ shipTo: { country: 'AQ', postalCode: '00' } }, opened, unopened);

/** Twenty orders: whoever places as many has each kind among them. */
const orderKinds: readonly OrderKind[] = [
  ...Array.from({ length: 8 }, () => good),
  large('completed', 'approve'),
  large('completed', 'approve'),
  large('compensated', 'decline'),
  large('cancelled', 'cancel'),
  hasty,
  hasty,
  refused({ lines: [{ sku: 'sku-none', quantity: 1 }] }, [], []),
  refused({ customerId: 'cust-ken', card: 'card-ken' }),
  refused({ customerId: 'cust-linus', card: 'card-linus' }),
  refused({ lines: [{ sku: 'sku-moonlamp', quantity: 1 }] }),
  undeliverable,
  undeliverable,
];

/** The kinds again and again, each time in another order. */
export function pickOrderKinds(count: number, seed: number): OrderKind[] {
  const shuffled = fc.shuffledSubarray([...orderKinds], { minLength: orderKinds.length });
  const rounds = fc.sample(shuffled, { seed, numRuns: Math.ceil(count / orderKinds.length) });
  return rounds.flat().slice(0, count);
}
