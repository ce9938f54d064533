import fc from 'fast-check';
import { type Placement, placements } from '../../../src/saga';
import type { OrderRequest } from '../../../services/order/contract';
import type { FaultName } from '../options';
import { type Act, type Intent, type OrderKind, pickOrderKinds } from './order-kinds';

/**
 * What one activity of one order meets, once.
 * - `crash`: its worker dies between the commit and the answer;
 * - `concurrent`: it is delivered twice at once; `late`: a second time after it was answered; `delayed`: it acts only after
 *   its attempt has timed out, when others may have acted in its place;
 * - `offline`, `unreadable`, `by-hand`: a compensation fails until an operator has repaired the service, corrected the
 *   input, or done the work himself.
 */
export type How = 'crash' | 'concurrent' | 'late' | 'delayed' | 'offline' | 'unreadable' | 'by-hand';

export interface ActivityFault {
  readonly fault: FaultName;
  readonly activity: string;
  readonly how: How;
  /** For what is late: by how many milliseconds. */
  readonly lateMs: number;
}

export interface PlannedOrder {
  readonly order: OrderRequest;
  readonly intent: Intent;
  /** Where its steps run. The orders take turns. */
  readonly placement: Placement;
  readonly act?: { readonly what: Act; readonly afterMs: number };
  readonly activityFaults: readonly ActivityFault[];
}

const customers = ['ada', 'grace', 'alan', 'edsger', 'barbara', 'donald'];
const goods = ['sku-tea', 'sku-mug', 'sku-pen', 'sku-notebook', 'sku-candle', 'sku-scarf', 'sku-kettle'];
const countries = ['DE', 'AT', 'NL', 'FR', 'IT', 'US'];

/** The orders of a run and all that is to happen to them: a function of the seed. */
export function planOrders(count: number, seed: number, faults: readonly FaultName[]): PlannedOrder[] {
  return pickOrderKinds(count, seed).map((orderKind, index) => {
    const [planned] = fc.sample(orderArbitrary(orderKind, index, faults), { seed: seed + index, numRuns: 1 });
    if (planned === undefined) throw new Error('a sample of one has one');
    return { ...planned, order: { orderId: `chaos-${seed}-${index}`, ...planned.order } };
  });
}

function orderArbitrary(orderKind: OrderKind, index: number, faults: readonly FaultName[]) {
  const customer = fc.constantFrom(...customers);
  const lines = fc.uniqueArray(
    fc.record({ sku: fc.constantFrom(...goods), quantity: fc.integer({ min: 1, max: 3 }) }),
    { minLength: 1, maxLength: 3, selector: ({ sku }) => sku },
  );
  const shipTo = fc.record({ country: fc.constantFrom(...countries), postalCode: fc.constant('10115') });
  const order = fc.tuple(customer, lines, shipTo).map(([name, ordered, to]) => ({
    customerId: `cust-${name}`,
    card: `card-${name}`,
    lines: ordered,
    shipTo: to,
    ...orderKind.change,
  }));
  const { act, intent } = withoutCancel(orderKind, faults);
  const soon = fc.integer({ min: 0, max: 2_500 });
  // A review is waited for; what races the steps comes at any moment, and finds the saga at any of them.
  const afterMs =
    intent !== 'either'
      ? fc.integer({ min: 500, max: 4_000 })
      : isOverdue(index)
        ? soon
        : fc.oneof(soon, fc.integer({ min: 0, max: 20_000 }));
  return fc.record({
    order,
    intent: fc.constant(intent),
    placement: fc.constant(placements[index % placements.length] ?? 'participants'),
    ...(act !== undefined && { act: fc.record({ what: fc.constant(act), afterMs }) }),
    activityFaults: activityFaults({ ...orderKind, intent }, index, faults),
  });
}

function withoutCancel(
  { act, intent }: OrderKind,
  faults: readonly FaultName[],
): Pick<OrderKind, 'act' | 'intent'> {
  if (act !== 'cancel' || faults.includes('cancel')) return act === undefined ? { intent } : { act, intent };
  return intent === 'either' ? { intent: 'completed' } : { intent: 'completed', act: 'approve' };
}

/** Whether a customer cancels while a step is overdue: its compensation will come before it does. */
function isOverdue(index: number): boolean {
  return index % 2 === 0;
}

/** A quarter of the orders meet something; of those that surely unwind, more. */
function activityFaults(
  orderKind: OrderKind,
  index: number,
  faults: readonly FaultName[],
): fc.Arbitrary<ActivityFault[]> {
  const lateMs = fc.integer({ min: 200, max: 8_000 });
  const any = [...orderKind.actions, ...orderKind.compensations];
  const meet = (fault: FaultName, among: readonly string[], hows: readonly How[]) =>
    faults.includes(fault) && among.length > 0
      ? fc.record({
          fault: fc.constant(fault),
          activity: fc.constantFrom(...among),
          how: fc.constantFrom(...hows),
          lateMs,
        })
      : undefined;
  const { intent } = orderKind;
  const overdue = intent === 'either' && isOverdue(index);
  const deliveries: readonly How[] = overdue
    ? ['delayed']
    : ['concurrent', 'concurrent', 'late', 'late', 'delayed'];
  const one =
    intent === 'cancelled' || (orderKind.compensations.length > 1 && index % 3 === 0)
      ? meet('stuck', orderKind.compensations, ['offline', 'unreadable', 'by-hand'])
      : index % 9 === 0
        ? meet('crash-after-commit', any, ['crash'])
        : index % 4 === 1 || overdue
          ? meet('duplicate', any, deliveries)
          : undefined;
  return one === undefined ? fc.constant([]) : fc.tuple(one);
}
