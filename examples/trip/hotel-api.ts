/**
 * A hotel chain's own API, as it would be behind HTTP: someone else's system, with no barrier of ours. It remembers every
 * idempotency key: the same key books one room, and a key that was cancelled never books again.
 */
export class HotelApi {
  private readonly bookings = new Map<string, Booking>();

  /** @param rooms the free rooms by city. */
  constructor(private readonly rooms: Map<string, number>) {}

  /** @throws HotelError `FULL`, or `CANCELLED` when the key was cancelled before. */
  async book(idempotencyKey: string, city: string): Promise<RoomBooking> {
    const known = this.bookings.get(idempotencyKey);
    if (known === 'cancelled') throw new HotelError('CANCELLED');
    if (known) return known;
    const free = this.rooms.get(city) ?? 0;
    if (free === 0) throw new HotelError('FULL');
    this.rooms.set(city, free - 1);
    const booking = { confirmation: `room for ${idempotencyKey}`, city, pricePerNight: 80_00 };
    this.bookings.set(idempotencyKey, booking);
    return booking;
  }

  /** What the key stands for, if it was ever used. */
  async find(idempotencyKey: string): Promise<Booking | undefined> {
    return this.bookings.get(idempotencyKey);
  }

  /** Cancels what the key has booked, and whatever it would book later. Idempotent. */
  async cancel(idempotencyKey: string): Promise<void> {
    const known = this.bookings.get(idempotencyKey);
    if (known && known !== 'cancelled') this.rooms.set(known.city, (this.rooms.get(known.city) ?? 0) + 1);
    this.bookings.set(idempotencyKey, 'cancelled');
  }
}

type Booking = RoomBooking | 'cancelled';

export interface RoomBooking {
  readonly confirmation: string;
  readonly city: string;
  readonly pricePerNight: number;
}

export class HotelError extends Error {
  constructor(readonly code: 'FULL' | 'CANCELLED') {
    super(`the hotel answered ${code}`);
  }
}
