import type { z } from 'zod';
import { type Action, type Compensation, defineSaga, type Probe } from '../../src/saga';
import type * as schema from './schema';

/**
 * What the sagas, their participants and their clients agree on: names and types, nothing that runs but two
 * definitions. Amounts are cents.
 */

export type TripRequest = z.infer<typeof schema.tripRequest>;
export type FindFlights = z.infer<typeof schema.findFlights>;
export type Flights = z.infer<typeof schema.flights>;
export type BookSeat = z.infer<typeof schema.bookSeat>;
export type Seat = z.infer<typeof schema.seat>;
export type Ticket = z.infer<typeof schema.ticket>;
export type BookRoom = z.infer<typeof schema.bookRoom>;
export type Room = z.infer<typeof schema.room>;
export type RentCar = z.infer<typeof schema.rentCar>;
export type Car = z.infer<typeof schema.car>;
export type PayTrip = z.infer<typeof schema.payTrip>;
export type Payment = z.infer<typeof schema.payment>;

export type AirlineActivities = {
  /** Reads only. Refusal: `NO_FLIGHT`. */
  findFlights: Action<FindFlights, Flights>;
  /** Refusal: `FLIGHT_FULL`. */
  bookSeat: Action<BookSeat, Seat>;
  cancelSeat: Compensation<BookSeat, Seat>;
  issueTicket: Action<Seat, Ticket>;
};

export type HotelActivities = {
  /** Refusal: `NO_ROOM`. */
  bookRoom: Action<BookRoom, Room>;
  cancelRoom: Compensation<BookRoom, Room>;
  findRoom: Probe<BookRoom, Room>;
};

export type CarActivities = {
  /** Refusal: `NO_CAR`. */
  rentCar: Action<RentCar, Car>;
  returnCar: Compensation<RentCar, Car>;
};

export type PaymentActivities = {
  /** Refusal: `CARD_DECLINED`. */
  payTrip: Action<PayTrip, Payment>;
  refundTrip: Compensation<PayTrip, Payment>;
};

export interface StayRequest {
  readonly tripId: string;
  readonly city: string;
  readonly nights: number;
}

export interface Stay {
  readonly room: Room;
  readonly car: Car;
}

export interface Itinerary {
  readonly tripId: string;
  /** One for each traveller, in their order. */
  readonly tickets: readonly string[];
  readonly stay: Stay;
  readonly payment: Payment;
}

/** A stay: a room and a car. A saga that can be started by itself; a trip runs it as one of its steps. */
export const stay = defineSaga<StayRequest, Stay>({
  workflow: 'bookStay',
  taskQueue: 'trips',
  idOf: ({ tripId }) => `stay-${tripId}`,
  summary: ({ city, nights }) => `${nights} nights in ${city}`,
});

/** A trip of some travellers: seats on one flight, a stay, and the payment for all of it. */
export const trip = defineSaga<TripRequest, Itinerary>({
  workflow: 'bookTrip',
  taskQueue: 'trips',
  idOf: ({ tripId }) => `trip-${tripId}`,
  summary: ({ from, to, travellers }) => `${from} to ${to}, ${travellers.length} travellers`,
});
