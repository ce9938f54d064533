import { inventoryActivities } from '../../activities/inventory';
import { orderActivities } from '../../activities/order';
import { paymentActivities } from '../../activities/payment';
import { shippingActivities } from '../../activities/shipping';
import { startChoreography } from '../../examples/choreography/run';
import { serviceNames, type ServiceName } from '../../services/names';
import type { OrderRequest } from '../../services/order/contract';
import { ACCEPTED, fulfilment } from '../../services/order/fulfilment';
import { provision } from '../../services/provision';
import { SagaClient } from '../../src/client';
import { type Database, openDatabase } from '../../src/participant';
import type { Placement } from '../../src/saga';
import { sagaBundling } from '../../src/worker';
import type { Order } from '../business/order';
import type { Contender, Ended } from './contender';
import { startTemporalProcess } from './temporal-process';

/*
 * The demo shop: four services with a database each, and eight steps for an order, two of which run at once. Orchestrated by this
 * library, and as the choreography of `examples/choreography`, which runs the same services.
 */

/** Connections of each service's database. */
const POOL = 20;

export function orchestratedShop(placement: Exclude<Placement, 'participants'>): Contender {
  return async (servers, settings) => {
    const urls = await provision(servers.adminUrl, prefixOf(settings.name));
    const open = (service: ServiceName): Database =>
      openDatabase({
        url: urls[service],
        poolSize: POOL,
        maxStatementMs: 10_000,
        applicationName: 'bench',
        onError: () => undefined,
      });
    const databases = {
      order: open('order'),
      payment: open('payment'),
      inventory: open('inventory'),
      shipping: open('shipping'),
    };
    const taskQueue = `bench-${settings.name}`;
    const activities = {
      ...orderActivities(databases.order),
      ...paymentActivities(databases.payment),
      ...inventoryActivities(databases.inventory),
      ...shippingActivities(databases.shipping),
    };
    const workflows = {
      taskQueue,
      workflowsPath: require.resolve('../../workflows'),
      plugins: [sagaBundling],
      activities,
    };
    const { client, stop } = await startTemporalProcess(
      servers,
      { ...settings, slots: POOL },
      [workflows],
      async () => {
        await Promise.all(serviceNames.map((service) => databases[service].close()));
      },
    );
    const saga = { ...fulfilment, taskQueue, placement };
    const sagas = new SagaClient(client, { eagerStart: placement === 'express' });
    const ended = async (order: Order): Promise<Ended> => {
      const { kind } = await sagas.waitForClose(saga.idOf(requestOf(order)));
      if (kind === 'completed' || kind === 'compensated') return { kind };
      throw new Error(`${order.orderId} ended ${kind}`);
    };
    return {
      async fulfil(order) {
        await sagas.start(saga, requestOf(order));
        return await ended(order);
      },
      async fulfilWithEarlyAnswer(order) {
        const begun = performance.now();
        await sagas.startUntil(saga, requestOf(order), ACCEPTED);
        const firstAnswerMs = performance.now() - begun;
        return { ...(await ended(order)), firstAnswerMs };
      },
      stop,
    };
  };
}

export const choreographedShop: Contender = async ({ adminUrl }, { name }) => {
  const urls = await provision(adminUrl, prefixOf(name));
  const { place, ended, stop } = await startChoreography({ urls, concurrency: POOL, log: () => undefined });
  return {
    async fulfil(order) {
      await place(requestOf(order));
      const { ended: kind } = await ended(order.orderId);
      if (kind === 'cancelled') throw new Error(`${order.orderId} ended ${kind}`);
      return { kind };
    },
    stop,
  };
};

function prefixOf(name: string): string {
  return name.replaceAll('-', '_');
}

const customers = ['ada', 'grace', 'alan', 'edsger', 'barbara', 'donald'] as const;
const products = ['tea', 'mug', 'pen', 'notebook', 'candle', 'scarf'] as const;

/** The same order for the shop: cheap enough to need no review. */
function requestOf({ orderId, amount, country }: Order): OrderRequest {
  const customer = customers[amount % customers.length] ?? 'ada';
  return {
    orderId,
    customerId: `cust-${customer}`,
    card: `card-${customer}`,
    lines: [{ sku: `sku-${products[amount % products.length] ?? 'tea'}`, quantity: 1 }],
    shipTo: { country, postalCode: '10115' },
  };
}
