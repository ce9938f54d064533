import { ActionBlocked, Refusal, toFailure } from '../../src/participant';
import type { HotelActivities, Room } from './contract';
import { type HotelApi, HotelError, type RoomBooking } from './hotel-api';

/**
 * A participant whose effect is behind someone else's API. There can be no barrier in that system's database, so the
 * saga's key travels as its idempotency key.
 */
export function hotelActivities(api: HotelApi): HotelActivities {
  return {
    bookRoom: async ({ city, nights }, { key }) => {
      try {
        return roomOf(await api.book(key, city), nights);
      } catch (error) {
        if (!(error instanceof HotelError)) throw error;
        throw toFailure(
          error.code === 'FULL'
            ? new Refusal('NO_ROOM', `No room is left in ${city}`)
            : new ActionBlocked(key),
        );
      }
    },

    // The key of a compensation is its own: what it cancels has the action's.
    cancelRoom: async (_undo, { namespace, sagaId, step }) => api.cancel(`${namespace}/${sagaId}/${step}/do`),

    // Asked when the answer of `bookRoom` was lost. What is not there may still be on its way, so it is never a plain no;
    // what is cancelled is never going to be there.
    findRoom: async ({ nights }, { key }) => {
      const booking = await api.find(key);
      if (booking === undefined) return { happened: 'unknown' };
      if (booking === 'cancelled') return { happened: 'no' };
      return { happened: 'yes', output: roomOf(booking, nights) };
    },
  };
}

function roomOf({ confirmation, pricePerNight }: RoomBooking, nights: number): Room {
  return { confirmation, price: pricePerNight * nights };
}
