import { type Answers, type SagaUnderTest, sagaUnderTest } from '../../src/testing';
import { stay as bookStay, trip as bookTrip } from '../../examples/trip/contract';
import * as tripSteps from '../../examples/trip/steps';
import { fulfilment } from '../../services/order/fulfilment';
import * as orderSteps from '../../workflows/order-steps';
import { matrixDeadline, nestedDeadline } from './deadline';

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

const tripAnswers: Answers<typeof tripSteps> = {
  findFlights: ({ from, to }) => [
    { flight: `${from}-${to} at noon`, price: 100_00 },
    { flight: `${from}-${to} by night`, price: 150_00 },
  ],
  bookSeat: ({ traveller, flight }) => ({ bookingId: `${traveller} on ${flight}`, traveller, price: 100_00 }),
  bookRoom: ({ tripId }) => ({ confirmation: `room of ${tripId}`, price: 80_00 }),
  rentCar: ({ tripId, category }) => ({ bookingId: `car of ${tripId}`, category, price: 30_00 }),
  payTrip: ({ tripId, total }) => ({ paymentId: `payment of ${tripId}`, total }),
  issueTicket: ({ bookingId }) => ({ bookingId, ticket: `ticket for ${bookingId}` }),
};

const trip = sagaUnderTest({
  definition: { ...bookTrip, ...matrixDeadline },
  steps: tripSteps,
  input: (tripId) => ({
    tripId,
    travellers: ['ada', 'grace'],
    from: 'BER',
    to: 'LIS',
    nights: 2,
    card: 'card-ada',
  }),
  answers: tripAnswers,
});

const stay = sagaUnderTest({
  definition: { ...bookStay, ...nestedDeadline },
  steps: tripSteps,
  input: (tripId) => ({ tripId, city: 'LIS', nights: 2 }),
  answers: tripAnswers,
});

/** The sagas of the matrix. Another one is added here, and its workflow in `matrix-workflow.ts`. */
export const sagas: readonly SagaUnderTest[] = [order, trip, stay];
