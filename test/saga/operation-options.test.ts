import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { localServer } from '../support/temporal';
import { Harness } from './harness';
import { fail, run, seq } from './program';
import { World } from './world';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start(await localServer());
});
afterAll(async () => await harness.stop());

test('an operation is called with what its step declares, and with the defaults for the rest', async () => {
  const { handle } = await harness.run(new World(), seq(run('a'), fail('NO')));
  const { events } = await handle.fetchHistory();
  const called = (events ?? []).flatMap(({ activityTaskScheduledEventAttributes: call }) =>
    call ? [call] : [],
  );

  expect(
    called.map(({ activityType, startToCloseTimeout, heartbeatTimeout, retryPolicy }) => ({
      name: activityType?.name,
      startToClose: millis(startToCloseTimeout),
      heartbeat: millis(heartbeatTimeout),
      attempts: retryPolicy?.maximumAttempts,
      pauses: [retryPolicy?.initialInterval, retryPolicy?.maximumInterval].map(millis),
      backoff: retryPolicy?.backoffCoefficient,
    })),
  ).toEqual([
    { name: 'act', startToClose: 8_000, heartbeat: 0, attempts: 2, pauses: [100, 30_000], backoff: 2 },
    { name: 'takeBack', startToClose: 8_000, heartbeat: 0, attempts: 10, pauses: [100, 30_000], backoff: 2 },
  ]);
});

function millis(duration?: { seconds?: unknown; nanos?: number | null } | null): number {
  return Number(duration?.seconds ?? 0) * 1_000 + (duration?.nanos ?? 0) / 1_000_000;
}
