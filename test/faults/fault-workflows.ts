import { condition, defineSignal, setHandler } from '@temporalio/workflow';
import { compensatable, defineSaga, participant, refusal, runSaga } from '../../src/saga';
import {
  type InventoryActivities,
  inventoryService,
  reserveRefusals,
} from '../../services/inventory/contract';
import {
  authoriseRefusals,
  type AuthorisePayment,
  type PaymentActivities,
  paymentService,
} from '../../services/payment/contract';

const inventory = participant<InventoryActivities>(inventoryService);
const payment = participant<PaymentActivities>(paymentService);

/** One short attempt, so that a lost answer is *unknown* within a second. */
const options = { startToCloseTimeout: '1s', retry: { maximumAttempts: 1 } } as const;

const reserveStock = compensatable(inventory, {
  name: 'reserve-stock',
  action: 'reserveStock',
  compensation: 'releaseStock',
  refusals: reserveRefusals,
  options: { ...options, retry: { maximumAttempts: 2, initialInterval: '50ms' } },
});
const authorisePayment = compensatable(payment, {
  name: 'authorise-payment',
  action: 'authorisePayment',
  compensation: 'voidPayment',
  refusals: authoriseRefusals,
  options,
});

const faultSaga = defineSaga<AuthorisePayment, void>({
  workflow: 'reserveAndAuthorise',
  taskQueue: 'orchestrator',
  idOf: ({ orderId }) => orderId,
});

const goOn = defineSignal('goOn');

/** Reserves a moon lamp, then holds the money, then says no: what is left of it must be nothing. */
export async function reserveAndAuthorise(order: AuthorisePayment): Promise<void> {
  let told = false;
  setHandler(goOn, () => {
    told = true;
  });
  return await runSaga(faultSaga, async (saga) => {
    await saga.run(reserveStock, { orderId: order.orderId, lines: [{ sku: 'sku-moonlamp', quantity: 1 }] });
    await saga.run(authorisePayment, order);
    await condition(() => told);
    throw refusal('CHANGED_MIND', 'the test says no');
  });
}
