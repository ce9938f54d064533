import { randomUUID } from 'node:crypto';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { Worker } from '@temporalio/worker';
import type { TripRequest } from '../../examples/trip/contract';
import { HotelApi, type RoomBooking } from '../../examples/trip/hotel-api';
import { migrate } from '../../examples/trip/migrate';
import { createWorkers } from '../../examples/trip/workers';
import { SagaClient } from '../../src/client';
import { type Database, openDatabase } from '../../src/participant';
import { createTestDatabase } from '../support/database';
import { localServer } from '../support/temporal';

/** The hotel chain on a network that loses things. */
export class FarHotelApi extends HotelApi {
  /** By city: the request never arrives, or it does and its answer is lost. */
  readonly loses = new Map<string, 'requests' | 'answers'>();
  /** The keys of all requests to book, and of all questions what came of one. */
  readonly requests: string[] = [];
  readonly asked: string[] = [];

  override async book(key: string, city: string): Promise<RoomBooking> {
    this.requests.push(key);
    if (this.loses.get(city) === 'requests') throw new Error('the connection was refused');
    const booked = await super.book(key, city);
    if (this.loses.get(city) === 'answers') throw new Error('the connection was reset');
    return booked;
  }

  override async find(key: string) {
    this.asked.push(key);
    return await super.find(key);
  }
}

/** What there is to book at one destination, which no other test has. */
export interface Supply {
  /** The free seats by flight; the first is the cheapest. */
  readonly flights?: Readonly<Record<string, number>>;
  readonly cars?: Readonly<Record<string, number>>;
  readonly rooms?: number;
  readonly balance?: number;
}

/** The example as it would run, in this process: a real server, a real database, and all its workers. */
export class TripSystem {
  private constructor(
    readonly env: TestWorkflowEnvironment,
    readonly client: SagaClient,
    readonly database: Database,
    readonly hotel: FarHotelApi,
    private readonly rooms: Map<string, number>,
    private readonly close: () => Promise<void>,
  ) {}

  static async start(): Promise<TripSystem> {
    const [env, empty] = await Promise.all([localServer(), createTestDatabase('trip')]);
    const database = openDatabase({
      url: empty.url,
      poolSize: 8,
      maxStatementMs: 4_000,
      applicationName: 'trip',
      onError: () => undefined,
    });
    await migrate(database);
    const rooms = new Map<string, number>();
    const hotel = new FarHotelApi(rooms);
    const workers = await createWorkers(env.nativeConnection, database, hotel);
    const stop = running(workers);
    return new TripSystem(env, new SagaClient(env.client), database, hotel, rooms, async () => {
      await stop();
      await env.teardown();
      await database.close();
      await empty.drop();
    });
  }

  async stop(): Promise<void> {
    await this.close();
  }

  /** A trip of three to a place of its own, where this can be booked. */
  async tripTo({ flights = { direct: 5 }, cars = { small: 1 }, rooms = 1, balance = 9_999_00 }: Supply) {
    const to = `LIS-${randomUUID().slice(0, 8)}`;
    const offer = (name: string, kind: string, place: string, price: number, free: number) =>
      this.database.query(
        'INSERT INTO offers (offer, kind, place, price, free) VALUES ($1, $2, $3, $4, $5)',
        [...[name, kind, place, price, free]],
      );
    let price = 100_00;
    for (const [name, free] of Object.entries(flights)) {
      await offer(`${to} ${name}`, 'flight', `BER-${to}`, (price += 50_00), free);
    }
    for (const [name, free] of Object.entries(cars)) await offer(`${to} ${name}`, 'car', to, 30_00, free);
    await this.database.query('INSERT INTO cards (card, balance) VALUES ($1, $2)', [to, balance]);
    this.rooms.set(to, rooms);
    const travellers = ['ada', 'grace', 'linus'];
    const request: TripRequest = { tripId: `to-${to}`, travellers, from: 'BER', to, nights: 2, card: to };
    return { request, left: () => this.left(to) };
  }

  /** What is free at a destination, and what its traveller's card has left. */
  private async left(to: string): Promise<Record<string, number>> {
    const rows = await this.database.query<{ name: string; count: number }>(
      `SELECT substr(offer, length($1) + 2) AS name, free AS count FROM offers WHERE offer LIKE $1 || ' %'
       UNION ALL SELECT 'balance', balance FROM cards WHERE card = $1`,
      [to],
    );
    return {
      rooms: this.rooms.get(to) ?? 0,
      ...Object.fromEntries(rows.map(({ name, count }) => [name, count])),
    };
  }

  /** How many bookings of a trip are in each state. */
  async bookings({ tripId }: TripRequest): Promise<Record<string, number>> {
    const rows = await this.database.query<{ state: string; count: number }>(
      'SELECT state, count(*) AS count FROM bookings WHERE trip_id = $1 GROUP BY state',
      [tripId],
    );
    return Object.fromEntries(rows.map(({ state, count }) => [state, count]));
  }
}

/** Runs workers until the returned function is called. */
export function running(workers: readonly Worker[]): () => Promise<void> {
  const ended = Promise.all(workers.map((worker) => worker.run()));
  return async () => {
    for (const worker of workers) worker.shutdown();
    await ended;
  };
}
