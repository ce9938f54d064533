import { z } from 'zod';

const id = z.string().min(1).max(100);
const cents = z.int().min(0);
const nights = z.int().min(1).max(30);

export const tripRequest = z.strictObject({
  tripId: id,
  travellers: z.array(id).min(1).max(9),
  from: id,
  to: id,
  nights,
  card: id,
});

export const findFlights = z.strictObject({ from: id, to: id });
const flight = z.strictObject({ flight: id, price: cents });
/** The cheapest first; at least one. */
export const flights = z.tuple([flight], flight);

export const bookSeat = z.strictObject({ tripId: id, traveller: id, flight: id });
export const seat = z.strictObject({ bookingId: z.uuid(), traveller: id, price: cents });

export const ticket = z.strictObject({ bookingId: z.uuid(), ticket: id });

export const bookRoom = z.strictObject({ tripId: id, city: id, nights });
export const room = z.strictObject({ confirmation: id, price: cents });

export const rentCar = z.strictObject({ tripId: id, city: id, category: z.enum(['small', 'large']), nights });
export const car = z.strictObject({
  bookingId: z.uuid(),
  category: z.enum(['small', 'large']),
  price: cents,
});

export const payTrip = z.strictObject({ tripId: id, card: id, total: cents });
export const payment = z.strictObject({ paymentId: z.uuid(), total: cents });
