import fc from 'fast-check';
import type { StepCall } from '../../src/saga/call';
import type { EndedSaga } from '../../services/invariants';
import { callOf, orderOf, perform } from './shop';
import type { Shop } from './shop';

/** What one order goes through: who orders what, how far it gets, and whether every call is delivered twice. */
export interface Plan {
  readonly customer: string;
  readonly sku: string;
  readonly quantity: number;
  readonly country: string;
  /** Steps before the pivot that are made before the saga is cancelled; more than there are, and it goes through. */
  readonly steps: number;
  readonly twice: boolean;
  /** Whether the order is taken back after it went through. */
  readonly reversed: boolean;
}

export const plan: fc.Arbitrary<Plan> = fc.record({
  customer: fc.constantFrom('ada', 'grace', 'alan', 'linus', 'ken'),
  sku: fc.constantFrom('sku-tea', 'sku-mug', 'sku-laptop', 'sku-moonlamp'),
  quantity: fc.integer({ min: 1, max: 5 }),
  country: fc.constantFrom('DE', 'DE', 'FR', 'US', 'AQ'),
  steps: fc.integer({ min: 0, max: 8 }),
  twice: fc.boolean(),
  reversed: fc.boolean(),
});

class Unwind extends Error {
  constructor(readonly type: string) {
    super(type);
  }
}

/** Carries a plan out step by step, as an orchestrator would, and says how it ended. */
export async function carryOut(shop: Shop, orderId: string, plan: Plan): Promise<EndedSaga> {
  const workflowId = `saga-${orderId}`;
  const { sku, quantity, country, customer } = plan;
  const order = orderOf(orderId, {
    customerId: `cust-${customer}`,
    card: `card-${customer}`,
    lines: [{ sku, quantity }],
    shipTo: { country, postalCode: '10115' },
  });
  const undo: ((reason: string) => Promise<void>)[] = [];
  let left = plan.steps;

  const run = async <Input, Output>(
    step: string,
    action: (input: Input, call: StepCall) => Promise<Output>,
    compensation: ((undo: { input: Input }, call: StepCall) => Promise<void>) | undefined,
    input: Input,
  ): Promise<Output> => {
    if (compensation !== undefined) {
      if (left-- === 0) throw new Unwind('CANCELLED');
      undo.push((reason) =>
        deliver(plan, () => perform(compensation, { input }, callOf(workflowId, step, 'undo', reason))),
      );
    }
    return deliver(plan, () => perform(action, input, callOf(workflowId, step, 'do')));
  };

  try {
    const { total } = await run('open', shop.openOrder, shop.closeOrder, order);
    const { lines, shipTo, customerId, card } = order;
    const stock = await run('reserve', shop.reserveStock, shop.releaseStock, { orderId, lines });
    const hold = { orderId, customerId, card, total };
    const authorisation = await run('authorise', shop.authorisePayment, shop.voidPayment, hold);
    const booking = { orderId, shipTo, lines };
    const shipment = await run('book', shop.bookShipment, shop.cancelShipment, booking);
    await run('capture', shop.capturePayment, shop.refundPayment, authorisation);
    await run('dispatch', shop.dispatchShipment, undefined, shipment);
    await run('ship', shop.shipStock, undefined, stock);
    await run('confirm', shop.confirmOrder, undefined, { orderId });
    if (!plan.reversed) return { orderId, workflowId, ended: 'completed' };
    throw new Unwind('REVERSED');
  } catch (error) {
    const reason = (error as { type?: string }).type;
    if (reason === undefined) throw error;
    for (const compensate of undo.reverse()) await compensate(reason);
    return reason === 'CANCELLED'
      ? { orderId, workflowId, ended: 'cancelled' }
      : { orderId, workflowId, ended: 'compensated', reason };
  }
}

/** Delivers a call once or twice at the same time; both deliveries must end alike. */
async function deliver<Output>(plan: Plan, call: () => Promise<Output>): Promise<Output> {
  if (!plan.twice) return call();
  const [first, second] = await Promise.allSettled([call(), call()]);
  if (first.status !== second.status) throw new Error('Two deliveries of one call ended in different ways');
  return first.status === 'fulfilled' ? first.value : Promise.reject(first.reason as Error);
}
