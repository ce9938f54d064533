import { activityInfo } from '@temporalio/activity';
import type { Database, StepCall, Transaction } from '../../../src/participant';
import { toFailure } from '../../../src/participant';
import * as inventory from '../../../services/inventory/service';
import type { ServiceName } from '../../../services/names';
import * as order from '../../../services/order/service';
import * as payment from '../../../services/payment/service';
import * as shipping from '../../../services/shipping/service';

type Work<Input, Output> = (tx: Transaction, input: Input, call: StepCall) => Promise<Output>;

/**
 * The services as activities, each in one plain transaction: the same business code, failures and retries as in the
 * product, without the barrier.
 */
function plain<Input, Output>(database: Database, work: Work<Input, Output>) {
  return async (input: Input, reason?: string): Promise<Output> => {
    const { namespace, workflowExecution, activityType } = activityInfo();
    const sagaId = workflowExecution?.workflowId ?? '';
    const call: StepCall = {
      namespace,
      sagaId,
      step: activityType,
      op: 'do',
      key: `${namespace}/${sagaId}/${activityType}`,
      ...(reason !== undefined && { reason }),
    };
    try {
      return await database.transaction((tx) => work(tx, input, call));
    } catch (error) {
      throw toFailure(error);
    }
  };
}

const activitiesOf = {
  order: (db: Database) => ({
    openOrder: plain(db, order.openOrder),
    closeOrder: plain(db, order.closeOrder),
    confirmOrder: plain(db, order.confirmOrder),
  }),
  payment: (db: Database) => ({
    authorisePayment: plain(db, payment.authorisePayment),
    voidPayment: plain(db, payment.voidPayment),
    capturePayment: plain(db, payment.capturePayment),
  }),
  inventory: (db: Database) => ({
    reserveStock: plain(db, inventory.reserveStock),
    releaseStock: plain(db, inventory.releaseStock),
    shipStock: plain(db, inventory.shipStock),
  }),
  shipping: (db: Database) => ({
    bookShipment: plain(db, shipping.bookShipment),
    cancelShipment: plain(db, shipping.cancelShipment),
    dispatchShipment: plain(db, shipping.dispatchShipment),
  }),
} as const;

export const sampleActivities: Readonly<Record<ServiceName, (database: Database) => object>> = activitiesOf;

export type OrderActivities = ReturnType<typeof activitiesOf.order>;
export type PaymentActivities = ReturnType<typeof activitiesOf.payment>;
export type InventoryActivities = ReturnType<typeof activitiesOf.inventory>;
export type ShippingActivities = ReturnType<typeof activitiesOf.shipping>;
