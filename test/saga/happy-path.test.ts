import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { temporal } from '@temporalio/proto';
import { localServer } from '../support/temporal';
import { Harness } from './harness';
import { run, savePoint, seq } from './program';
import type { fourStepsByHand } from './program-workflow';
import { World } from './world';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start(await localServer());
});
afterAll(async () => await harness.stop());

interface Finished {
  fetchHistory(): Promise<temporal.api.history.v1.IHistory>;
  describe(): Promise<{ raw: { workflowExecutionInfo?: { stateTransitionCount?: unknown } | null } }>;
}

async function costOf(handle: Finished): Promise<{ events: string[]; transitions: number }> {
  const { events } = await handle.fetchHistory();
  const { raw } = await handle.describe();
  return {
    events: (events ?? []).map(({ eventType }) => temporal.api.enums.v1.EventType[eventType ?? 0] ?? '?'),
    transitions: Number(raw.workflowExecutionInfo?.stateTransitionCount),
  };
}

describe('S15 the happy path is free', () => {
  test('a 4-step sequential saga has exactly the 29 events and the state transitions of the hand-written one', async () => {
    await harness.withWorkers(new World(), async () => {
      const saga = await harness.start(seq(run('a'), run('b'), run('c'), run('d')));
      const byHand = await harness.env.client.workflow.start<typeof fourStepsByHand>('fourStepsByHand', {
        workflowId: 'by-hand',
        taskQueue: 'sagas',
      });
      expect(await saga.result()).toEqual(['a', 'b', 'c', 'd']);
      expect(await byHand.result()).toEqual(['a', 'b', 'c', 'd']);

      const cost = await costOf(saga);
      expect(cost.events).toHaveLength(29);
      expect(cost).toEqual(await costOf(byHand));
    });
  });

  test('a deadline costs one event and no state transition', async () => {
    await harness.withWorkers(new World(), async () => {
      const program = seq(run('a'), run('b'), run('c'), run('d'));
      const without = await harness.start(program);
      const limited = await harness.start(program, undefined, {}, { deadline: 3_600_000 });
      await Promise.all([without.result(), limited.result()]);
      const [cost, limitedCost] = [await costOf(without), await costOf(limited)];
      expect(limitedCost.events).toHaveLength(30);
      expect(limitedCost.transitions).toBe(cost.transitions);
    });
  });

  test('a save-point whose first alternative succeeds adds no event and no state transition', async () => {
    await harness.withWorkers(new World(), async () => {
      const plain = await harness.start(seq(run('a'), run('b'), run('c'), run('d')));
      const guarded = await harness.start(
        seq(run('a'), savePoint(seq(run('b'), savePoint(run('c'), run('other'))), run('another')), run('d')),
      );
      expect(await plain.result()).toEqual(await guarded.result());

      const cost = await costOf(guarded);
      expect(cost.events).toHaveLength(29);
      expect(cost).toEqual(await costOf(plain));
    });
  });
});
