import { ParticipantError, type Transaction } from '../../src/participant';

interface Booking {
  readonly bookingId: string;
  readonly price: number;
}

/** Takes one of what is free; undefined when there is none. */
export async function book(tx: Transaction, tripId: string, offer: string): Promise<Booking | undefined> {
  const [booking] = await tx.query<Booking>(
    `WITH taken AS (
       UPDATE offers SET free = free - 1 WHERE offer = $2 AND free > 0 RETURNING offer, price
     ), booked AS (
       INSERT INTO bookings (trip_id, offer) SELECT $1, offer FROM taken RETURNING booking_id
     )
     SELECT booking_id AS "bookingId", price FROM booked, taken`,
    [tripId, offer],
  );
  return booking;
}

/** Gives a booking back. The barrier calls it once, and only for what was booked. */
export async function cancel(tx: Transaction, bookingId: string): Promise<void> {
  const cancelled = await tx.query(
    `WITH cancelled AS (
       UPDATE bookings SET state = 'CANCELLED' WHERE booking_id = $1 AND state <> 'CANCELLED' RETURNING offer
     )
     UPDATE offers SET free = free + 1 FROM cancelled WHERE offers.offer = cancelled.offer RETURNING 1`,
    [bookingId],
  );
  if (cancelled.length === 0) throw notBooked(bookingId);
}

/** BOOKED → TICKETED. */
export async function ticket(tx: Transaction, bookingId: string): Promise<void> {
  const ticketed = await tx.query(
    `UPDATE bookings SET state = 'TICKETED' WHERE booking_id = $1 AND state = 'BOOKED' RETURNING 1`,
    [bookingId],
  );
  if (ticketed.length === 0) throw notBooked(bookingId);
}

function notBooked(bookingId: string): ParticipantError {
  return new ParticipantError('NOT_BOOKED', `There is no such booking, or it is cancelled: ${bookingId}`);
}
