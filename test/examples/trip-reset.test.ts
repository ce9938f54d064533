import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { TripRequest } from '../../examples/trip/contract';
import { trip } from '../../examples/trip/contract';
import { ResettableRun } from '../../src/testing/reset';
import { until } from '../support/until';
import { type Supply, TripSystem } from './trip-system';

let system: TripSystem;
beforeAll(async () => {
  system = await TripSystem.start();
});
afterAll(() => system.stop());

/** Books a trip, and waits until it is over. */
async function booked(supply: Supply) {
  const { request, left } = await system.tripTo(supply);
  const before = await left();
  const { sagaId } = await system.client.start(trip, request);
  const outcome = await system.client.waitForClose(sagaId);
  return { request, sagaId, outcome, before, left };
}

/** Resets a workflow, and waits until the trip is over again. */
async function reset(workflowId: string, run: ResettableRun, task: number, { tripId }: TripRequest) {
  await run.resetToEvent(task);
  for (const id of [workflowId, `trip-${tripId}`])
    await until(`${id} to close`, async () => {
      const { kind } = await system.client.waitForClose(id);
      return kind !== 'running' && kind !== 'stuck';
    });
  return await system.client.outcome(`trip-${tripId}`);
}

describe('S17 a trip is reset, and with it the saga that is nested in it', () => {
  test('its nested saga had completed and was reversed: to each task before, and nothing is left', async () => {
    const { request, sagaId, outcome, before, left } = await booked({ balance: 669_99 });
    expect(outcome).toMatchObject({ kind: 'compensated', reason: { code: 'CARD_DECLINED' } });
    const run = await ResettableRun.of(system.env.client, sagaId);
    for (const task of run.tasks) {
      expect(await reset(sagaId, run, task, request)).toMatchObject({ kind: 'compensated' });
      expect(await left()).toEqual(before);
    }
    expect(await system.bookings(request)).toEqual({ CANCELLED: 4 });
  });

  test('the nested saga alone, which was reversed: it undoes itself', async () => {
    const { request, sagaId, before, left } = await booked({ balance: 669_99 });
    const child = `${sagaId}.book-stay`;
    const run = await ResettableRun.of(system.env.client, child);
    for (const task of run.tasks) await reset(child, run, task, request);
    expect(await system.client.outcome(child)).toMatchObject({ kind: 'compensated' });
    expect(await left()).toEqual(before);
  });

  test('it was booked: to each of its tasks, and it is booked once', async () => {
    const { request, sagaId, outcome, left } = await booked({});
    const after = await left();
    const run = await ResettableRun.of(system.env.client, sagaId);
    for (const task of run.tasks) {
      expect(await reset(sagaId, run, task, request)).toEqual(outcome);
      expect(await left()).toEqual(after);
    }
    expect(await system.bookings(request)).toEqual({ TICKETED: 3, BOOKED: 1 });
  });
});
