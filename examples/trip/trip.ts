import { runSaga, type SagaScope } from '../../src/saga';
import {
  type Itinerary,
  type Seat,
  stay,
  type Stay,
  type StayRequest,
  trip,
  type TripRequest,
} from './contract';
import {
  bookRoom,
  bookSeat,
  bookStay as stayStep,
  findFlights,
  issueTicket,
  payTrip,
  rentCar,
} from './steps';

/** What the orchestrator's worker runs: every exported function is a workflow type. */
export { rescueSaga } from '../../src/saga';

/**
 * Books a trip: seats for everyone on one flight, the cheapest that has them, then a stay; then pays, the point of no
 * return; then has the tickets issued. What fails before the payment is undone, what comes after it is retried.
 */
export async function bookTrip(request: TripRequest): Promise<Itinerary> {
  return await runSaga(trip, async (saga) => {
    const { tripId, travellers, from, to, nights, card } = request;

    /** One step for each traveller. When one gets no seat, those before are given back: they are behind a save-point. */
    const seatsOn = (flight: string) => async (scope: SagaScope) => {
      const booked: Seat[] = [];
      for (const traveller of travellers) {
        booked.push(await scope.run(bookSeat, { tripId, traveller, flight }));
      }
      return booked;
    };

    const [cheapest, ...dearer] = await saga.run(findFlights, { from, to });
    const seats = await dearer.reduce(
      (attempt, { flight }) => attempt.or(seatsOn(flight)),
      saga.attempt(seatsOn(cheapest.flight)),
    );
    const { room, car } = await saga.run(stayStep, { tripId, city: to, nights });

    const total = seats.reduce((sum, { price }) => sum + price, room.price + car.price);
    const committed = await saga.pivot(payTrip, { tripId, card, total });

    const issued = await Promise.all(seats.map((seat) => committed.run(issueTicket, seat)));
    const tickets = issued.map(({ ticket }) => ticket);
    return { tripId, tickets, stay: { room, car }, payment: committed.output };
  });
}

/** Books a stay: a room, and a small car or else a large one. */
export async function bookStay({ tripId, city, nights }: StayRequest): Promise<Stay> {
  return await runSaga(stay, async (saga) => {
    const room = await saga.run(bookRoom, { tripId, city, nights });
    const car = await saga
      .attempt((scope) => scope.run(rentCar, { tripId, city, category: 'small', nights }))
      .or((scope) => scope.run(rentCar, { tripId, city, category: 'large', nights }));
    return { room, car };
  });
}
