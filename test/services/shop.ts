import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { inventoryActivities } from '../../activities/inventory';
import { orderActivities } from '../../activities/order';
import { paymentActivities } from '../../activities/payment';
import { shippingActivities } from '../../activities/shipping';
import type { Operation, StepCall } from '../../src/saga/call';
import type { Database } from '../../src/participant';
import { openDatabase } from '../../src/participant';
import type { ServiceName, ServiceUrls } from '../../services/names';
import type { OrderRequest } from '../../services/order/contract';
import { createShopDatabases } from '../support/database';

/** The four services on databases of their own, with their activities as workers run them. */
export async function openShop(name: string) {
  const { urls, drop } = await createShopDatabases(name);
  const open = (service: ServiceName) =>
    openDatabase({
      url: urls[service],
      poolSize: 8,
      maxStatementMs: 20_000,
      applicationName: `test-${service}`,
      // Dropping a database ends the connections that are just being closed.
      onError: () => undefined,
    });
  const databases: Record<ServiceName, Database> = {
    order: open('order'),
    payment: open('payment'),
    inventory: open('inventory'),
    shipping: open('shipping'),
  };
  return {
    urls: urls satisfies ServiceUrls,
    databases,
    ...orderActivities(databases.order),
    ...paymentActivities(databases.payment),
    ...inventoryActivities(databases.inventory),
    ...shippingActivities(databases.shipping),
    close: async () => {
      await Promise.all(Object.values(databases).map((database) => database.close()));
      await drop();
    },
  };
}

export type Shop = Awaited<ReturnType<typeof openShop>>;

/** Runs one activity in an activity context, as one attempt of the step. */
export function perform<Argument, Output>(
  activity: (argument: Argument, call: StepCall) => Promise<Output>,
  argument: Argument,
  call: StepCall,
): Promise<Output> {
  const environment = new MockActivityEnvironment(
    { startToCloseTimeoutMs: 10_000 },
    { logger: new DefaultLogger('ERROR') },
  );
  return environment.run(activity, argument, call);
}

export function callOf(sagaId: string, step: string, op: Operation, reason?: string): StepCall {
  const key = `default/${sagaId}/${step}/${op}`;
  return { namespace: 'default', sagaId, step, op, key, ...(reason !== undefined && { reason }) };
}

/** An order that goes through, unless changed. */
export function orderOf(orderId: string, changed: Partial<OrderRequest> = {}): OrderRequest {
  return {
    orderId,
    customerId: 'cust-ada',
    card: 'card-ada',
    lines: [
      { sku: 'sku-tea', quantity: 2 },
      { sku: 'sku-mug', quantity: 1 },
    ],
    shipTo: { country: 'DE', postalCode: '10115' },
    ...changed,
  };
}
