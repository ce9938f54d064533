import { type SagaUnderTest, sagaUnderTest } from '../../src/testing';
import { fulfilment } from '../../src/services/order/fulfilment';
import * as orderSteps from '../../workflows/order-steps';
import { matrixDeadline } from './deadline';

const total = { amount: 70_00, currency: 'EUR' } as const;

const order = sagaUnderTest({
  definition: { ...fulfilment, ...matrixDeadline },
  steps: orderSteps,
  input: (orderId) => ({
    orderId,
    customerId: 'cust-ada',
    card: 'card-ada',
    lines: [{ sku: 'sku-moonlamp', quantity: 1 }],
    shipTo: { country: 'DE', postalCode: '10115' },
  }),
  answers: {
    openOrder: ({ orderId, lines }) => ({
      orderId,
      total,
      lines: lines.map((line) => ({ ...line, unitPrice: total })),
    }),
    reserveStock: ({ orderId }) => ({ orderId, reservationId: `reservation of ${orderId}` }),
    authorisePayment: ({ orderId }) => ({ orderId, authorisationId: `authorisation of ${orderId}`, total }),
    bookShipment: ({ orderId }) => ({ orderId, shipmentId: `shipment of ${orderId}`, carrier: 'meteor' }),
    capturePayment: ({ orderId }) => ({ orderId, captureId: `capture of ${orderId}`, total }),
    dispatchShipment: ({ shipmentId }) => ({ shipmentId, dispatchedAt: '2026-01-01T00:00:00.000Z' }),
    shipStock: ({ reservationId }) => ({ reservationId, shippedAt: '2026-01-01T00:00:00.000Z' }),
    confirmOrder: ({ orderId }) => ({ orderId, confirmedAt: '2026-01-01T00:00:00.000Z' }),
  },
});

/** The sagas of the matrix. Another one is added here, and its workflow in `matrix-workflow.ts`. */
export const sagas: readonly SagaUnderTest[] = [order];
