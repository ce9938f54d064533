import { action, compensation, type Database, ParticipantError, Refusal } from '../../src/participant';
import { book, cancel, ticket } from './bookings';
import type { AirlineActivities, CarActivities, Flights, PaymentActivities } from './contract';
import * as schema from './schema';

/**
 * The Temporal side of the participants. Each function gets a transaction that also holds the barrier's row, so what it
 * does happens once, and its compensation undoes exactly that.
 */

const finding = { input: schema.findFlights, output: schema.flights };
const seating = { input: schema.bookSeat, output: schema.seat };
const ticketing = { input: schema.seat, output: schema.ticket };

export function airlineActivities(database: Database): AirlineActivities {
  return {
    findFlights: action(database, finding, async (tx, { from, to }) => {
      const [cheapest, ...dearer] = await tx.query<Flights[0]>(
        `SELECT offer AS flight, price FROM offers WHERE kind = 'flight' AND place = $1 ORDER BY price, offer`,
        [`${from}-${to}`],
      );
      if (!cheapest) throw new Refusal('NO_FLIGHT', `No airline flies from ${from} to ${to}`);
      return [cheapest, ...dearer];
    }),

    bookSeat: action(database, seating, async (tx, { tripId, traveller, flight }) => {
      const booking = await book(tx, tripId, flight);
      if (!booking) throw new Refusal('FLIGHT_FULL', `${flight} has no seat left`);
      return { ...booking, traveller };
    }),

    // A ticket that was issued goes back with its seat: the trip may be reversed after it completed.
    cancelSeat: compensation(database, seating, (tx, { output }) => cancel(tx, output.bookingId)),

    issueTicket: action(database, ticketing, async (tx, { bookingId, traveller }) => {
      await ticket(tx, bookingId);
      return { bookingId, ticket: `${traveller}, ${bookingId}` };
    }),
  };
}

const renting = { input: schema.rentCar, output: schema.car };

export function carActivities(database: Database): CarActivities {
  return {
    rentCar: action(database, renting, async (tx, { tripId, city, category, nights }) => {
      const booking = await book(tx, tripId, `${city} ${category}`);
      if (!booking) throw new Refusal('NO_CAR', `There is no ${category} car left in ${city}`);
      return { bookingId: booking.bookingId, category, price: booking.price * nights };
    }),

    returnCar: compensation(database, renting, (tx, { output }) => cancel(tx, output.bookingId)),
  };
}

const paying = { input: schema.payTrip, output: schema.payment };

export function paymentActivities(database: Database): PaymentActivities {
  return {
    payTrip: action(database, paying, async (tx, { tripId, card, total }) => {
      const [paid] = await tx.query<{ paymentId: string }>(
        `WITH charged AS (
           UPDATE cards SET balance = balance - $3 WHERE card = $2 AND balance >= $3 RETURNING card
         )
         INSERT INTO payments (trip_id, card, total) SELECT $1, card, $3 FROM charged
         RETURNING payment_id AS "paymentId"`,
        [tripId, card, total],
      );
      if (!paid) throw new Refusal('CARD_DECLINED', `The card of ${tripId} does not cover the total`);
      return { ...paid, total };
    }),

    // Only a reverse of the whole trip runs this: nothing is undone by itself after the pivot.
    refundTrip: compensation(database, paying, async (tx, { output: { paymentId } }) => {
      const refunded = await tx.query(
        `WITH refunded AS (
           UPDATE payments SET state = 'REFUNDED' WHERE payment_id = $1 AND state = 'PAID' RETURNING card, total
         )
         UPDATE cards SET balance = balance + total FROM refunded WHERE cards.card = refunded.card RETURNING 1`,
        [paymentId],
      );
      if (refunded.length === 0) throw new ParticipantError('NOT_PAID', `Payment ${paymentId} is not paid`);
    }),
  };
}
