import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Worker } from '@temporalio/worker';
import { type Itinerary, trip, type TripRequest } from '../../examples/trip/contract';
import type { SagaOutcome } from '../../src/client';
import type { SagaReport } from '../../src/saga';
import { testBundle } from '../support/bundle';
import { running, TripSystem } from './trip-system';

let system: TripSystem;
beforeAll(async () => {
  system = await TripSystem.start();
});
afterAll(() => system.stop());

const workflowsPath = require.resolve('../../examples/trip/trip');
const sagas: string[] = [];

async function book(request: TripRequest, definition = trip): Promise<[SagaOutcome<Itinerary>, SagaReport]> {
  const { sagaId } = await system.client.start(definition, request);
  sagas.push(sagaId);
  const outcome = await system.client.waitForClose<Itinerary>(sagaId);
  return [outcome, await system.client.report(sagaId)];
}

const states = ({ steps }: SagaReport) => Object.fromEntries(steps.map(({ name, state }) => [name, state]));

describe('a trip is booked', () => {
  test('seats, room and car are taken, the card is charged for all of it, and everyone has a ticket', async () => {
    const { request, left } = await system.tripTo({});
    const [outcome, report] = await book(request);
    expect(outcome).toMatchObject({
      kind: 'completed',
      result: { tripId: request.tripId, stay: { car: { category: 'small' } }, payment: { total: 670_00 } },
    });
    const { tickets } = (outcome as { result: Itinerary }).result;
    expect(tickets.map((ticket) => ticket.split(',')[0])).toEqual(['ada', 'grace', 'linus']);
    expect(await left()).toEqual({ direct: 2, small: 0, rooms: 0, balance: 9_329_00 });
    expect(await system.bookings(request)).toEqual({ TICKETED: 3, BOOKED: 1 });
    expect(states(report)).toEqual({
      'find-flights': 'succeeded',
      'book-seat': 'succeeded',
      'book-seat#2': 'succeeded',
      'book-seat#3': 'succeeded',
      'book-stay': 'succeeded',
      'pay-trip': 'succeeded',
      'issue-ticket': 'succeeded',
      'issue-ticket#2': 'succeeded',
      'issue-ticket#3': 'succeeded',
    });
  });

  test('S9 a flight that is too full for all of them is given back, and they go on another one', async () => {
    const { request, left } = await system.tripTo({ flights: { cheap: 2, full: 0, dear: 3 } });
    const [outcome, report] = await book(request);
    expect(outcome.kind).toBe('completed');
    expect(states(report)).toMatchObject({
      'book-seat': 'compensated',
      'book-seat#2': 'compensated',
      'book-seat#3': 'refused',
      'book-seat#4': 'refused',
      'book-seat#5': 'succeeded',
      'book-seat#7': 'succeeded',
    });
    expect(await left()).toMatchObject({ cheap: 2, full: 0, dear: 0 });
  });

  test('S9 an alternative inside the nested saga is its own affair', async () => {
    const { request, left } = await system.tripTo({ cars: { small: 0, large: 1 } });
    const [outcome] = await book(request);
    expect(outcome).toMatchObject({ kind: 'completed', result: { stay: { car: { category: 'large' } } } });
    expect(await left()).toMatchObject({ small: 0, large: 0 });
    const inner = await system.client.report(`trip-${request.tripId}.book-stay`);
    expect(states(inner)).toEqual({
      'book-room': 'succeeded',
      'rent-car': 'refused',
      'rent-car#2': 'succeeded',
    });
  });
});

describe('a trip that fails leaves nothing', () => {
  test('refused for the last of its travellers: each seat before is given back, the last one first', async () => {
    const { request, left } = await system.tripTo({ flights: { direct: 2 } });
    const before = await left();
    const [outcome, report] = await book(request);
    expect(outcome).toMatchObject({ kind: 'compensated', reason: { code: 'FLIGHT_FULL' } });
    expect(states(report)).toEqual({
      'find-flights': 'succeeded',
      'book-seat': 'compensated',
      'book-seat#2': 'compensated',
      'book-seat#3': 'refused',
    });
    expect(await undone(request)).toEqual(['book-seat#2', 'book-seat']);
    expect(await left()).toEqual(before);
    expect(await system.bookings(request)).toEqual({ CANCELLED: 2 });
  });

  test('a read-only step that refuses', async () => {
    const { request } = await system.tripTo({ flights: {} });
    const [outcome] = await book(request);
    expect(outcome).toMatchObject({ kind: 'compensated', reason: { code: 'NO_FLIGHT' } });
  });

  test('S10 the nested saga fails: it has unwound itself, the trip undoes the rest', async () => {
    const { request, left } = await system.tripTo({ cars: { small: 0, large: 0 } });
    const before = await left();
    const [outcome, report] = await book(request);
    expect(outcome).toMatchObject({ kind: 'compensated', reason: { code: 'NO_CAR' } });
    expect(report.reason).toMatchObject({ step: 'book-stay' });
    expect(states(report)).toMatchObject({ 'book-seat#3': 'compensated', 'book-stay': 'refused' });
    expect(await left()).toEqual(before);
  });

  test('S10 the card is declined: the nested saga, which had completed, is reversed', async () => {
    const { request, left } = await system.tripTo({ balance: 669_99 });
    const before = await left();
    const [outcome, report] = await book(request);
    expect(outcome).toMatchObject({ kind: 'compensated', reason: { code: 'CARD_DECLINED' } });
    expect(states(report)).toMatchObject({ 'book-stay': 'compensated', 'pay-trip': 'refused' });
    expect(await left()).toEqual(before);
    const reversal = await system.client.report(`trip-${request.tripId}.book-stay-reverse`);
    expect(states(reversal)).toEqual({ 'book-room': 'compensated', 'rent-car': 'compensated' });
  });

  test('the hotel books and its answers are lost: the probe finds the room, and it is cancelled', async () => {
    const { request, left } = await system.tripTo({});
    const before = await left();
    system.hotel.loses.set(request.to, 'answers');
    const [outcome, report] = await book(request);
    expect(outcome).toMatchObject({ kind: 'compensated', reason: { code: 'STEP_UNKNOWN' } });
    expect(report.reason).toMatchObject({ step: 'book-stay' });
    expect(states(report)).toMatchObject({ 'book-seat': 'compensated', 'book-stay': 'refused' });
    const inner = await system.client.report(`trip-${request.tripId}.book-stay`);
    expect(inner.steps).toMatchObject([{ name: 'book-room', state: 'compensated' }]);
    expect(system.hotel.asked).toContain(`default/trip-${request.tripId}.book-stay/book-room/do`);
    expect(await left()).toEqual(before);
  });

  test('B4 no request reached the hotel: one that comes when all is undone finds its key spent', async () => {
    const { request, left } = await system.tripTo({});
    const before = await left();
    system.hotel.loses.set(request.to, 'requests');
    await book(request);
    system.hotel.loses.delete(request.to);
    const key = `default/trip-${request.tripId}.book-stay/book-room/do`;
    expect(system.hotel.requests.filter((one) => one === key)).toHaveLength(4);
    await expect(system.hotel.book(key, request.to)).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(await left()).toEqual(before);
  });
});

describe('S13 a trip that was booked is taken back', () => {
  test('the money is refunded; seats with their tickets, room and car are given back', async () => {
    const { request, left } = await system.tripTo({});
    const before = await left();
    await book(request);
    expect(await left()).not.toEqual(before);
    const { rescueId } = await system.client.reverse(`trip-${request.tripId}`);
    sagas.push(rescueId);
    expect(await system.client.waitForClose(rescueId)).toMatchObject({
      kind: 'completed',
      result: { reason: { code: 'REVERSED' } },
    });
    expect(await left()).toEqual(before);
    expect(await system.bookings(request)).toEqual({ CANCELLED: 4 });
  });
});

describe('a trip is deterministic', () => {
  test('a worker that keeps nothing in memory replays it from its history at every task', async () => {
    const taskQueue = 'forgetful';
    const workflowBundle = await testBundle(workflowsPath);
    const connection = system.env.nativeConnection;
    const stop = running([
      await Worker.create({ connection, taskQueue, workflowBundle, maxCachedWorkflows: 0 }),
    ]);
    const { request, left } = await system.tripTo({ flights: { cheap: 2, dear: 4 }, balance: 0 });
    const before = await left();
    const [outcome] = await book(request, { ...trip, taskQueue });
    expect(outcome).toMatchObject({ kind: 'compensated', reason: { code: 'CARD_DECLINED' } });
    expect(await left()).toEqual(before);
    await stop();
  });

  test('the histories of all the trips above replay', async () => {
    expect(sagas.length).toBeGreaterThan(9);
    const nested = sagas.map((sagaId) => `${sagaId}.book-stay`);
    const workflowBundle = await testBundle(workflowsPath);
    let replayed = 0;
    for (const sagaId of [...sagas, ...nested]) {
      const history = await system.env.client.workflow
        .getHandle(sagaId)
        .fetchHistory()
        .catch(() => undefined);
      if (!history) continue;
      await Worker.runReplayHistory({ workflowBundle }, history, sagaId);
      replayed++;
    }
    expect(replayed).toBeGreaterThan(sagas.length + 5);
  });
});

/** The steps of a trip that its participants have undone, in order. */
async function undone({ tripId }: TripRequest): Promise<string[]> {
  const rows = await system.database.query<{ step: string }>(
    `SELECT step FROM saga_barrier WHERE saga_id = $1 AND op = 'undo' ORDER BY created_at`,
    [`trip-${tripId}`],
  );
  return rows.map(({ step }) => step);
}
