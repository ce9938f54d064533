import { compensatable, nested, participant, pivot, readOnly, retriable } from '../../src/saga';
import {
  type AirlineActivities,
  type CarActivities,
  type HotelActivities,
  type PaymentActivities,
  stay,
} from './contract';

/** The steps of both sagas, each declared once. Their names are part of idempotency keys: never rename one. */

export const airline = participant<AirlineActivities>({ name: 'airline', taskQueue: 'airline' });
export const hotel = participant<HotelActivities>({ name: 'hotel', taskQueue: 'hotel' });
export const cars = participant<CarActivities>({ name: 'cars', taskQueue: 'cars' });
export const payments = participant<PaymentActivities>({ name: 'payments', taskQueue: 'payments' });

export const findFlights = readOnly(airline, {
  name: 'find-flights',
  action: 'findFlights',
  refusals: ['NO_FLIGHT'],
});

export const bookSeat = compensatable(airline, {
  name: 'book-seat',
  action: 'bookSeat',
  compensation: 'cancelSeat',
  refusals: ['FLIGHT_FULL'],
  summary: ({ traveller, flight }) => `a seat for ${traveller} on ${flight}`,
});

export const bookRoom = compensatable(hotel, {
  name: 'book-room',
  action: 'bookRoom',
  compensation: 'cancelRoom',
  probe: 'findRoom',
  refusals: ['NO_ROOM'],
  summary: ({ city, nights }) => `a room in ${city} for ${nights} nights`,
  options: { startToCloseTimeout: '5s', retry: { maximumAttempts: 4, initialInterval: '200ms' } },
});

export const rentCar = compensatable(cars, {
  name: 'rent-car',
  action: 'rentCar',
  compensation: 'returnCar',
  refusals: ['NO_CAR'],
  summary: ({ city, category }) => `a ${category} car in ${city}`,
});

/** A whole saga as one step: it unwinds itself when it fails, and is reversed when the trip unwinds. */
export const bookStay = nested(stay, {
  name: 'book-stay',
  summary: ({ city, nights }) => `${nights} nights in ${city}`,
});

export const payTrip = pivot(payments, {
  name: 'pay-trip',
  action: 'payTrip',
  compensation: 'refundTrip',
  refusals: ['CARD_DECLINED'],
  summary: ({ total }) => `pay ${(total / 100).toFixed(2)}`,
});

export const issueTicket = retriable(airline, {
  name: 'issue-ticket',
  action: 'issueTicket',
  summary: ({ traveller }) => `a ticket for ${traveller}`,
});
