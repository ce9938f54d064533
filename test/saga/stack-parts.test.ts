import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { type RescueEntry, type rescueSaga } from '../../src/saga';
import { ReceivedParts, splitStack, STACK_PART, type StackPart } from '../../src/saga/stack-parts';
import { until } from '../support/until';
import { timeSkippingServer } from '../support/temporal';
import { Harness } from './harness';
import { World } from './world';

function entry(step: string, input: unknown): RescueEntry {
  return {
    ...{ step, kind: 'compensatable', taskQueue: 'world', compensation: 'takeBack', startToCloseMs: 2_000 },
    ...{ input, succeeded: true, output: { did: step }, began: 1, settled: 2, startedAt: 0, settledAt: 0 },
  };
}

/** As a signal carries it. */
const sent = (part: StackPart) => JSON.parse(JSON.stringify(part)) as StackPart;

describe('S13 a stack in parts', () => {
  test('is the same again, whatever it holds, in any order and however often each part comes', () => {
    const text = fc.string({ unit: 'binary', maxLength: 50 }).map((piece) => (piece + '😀').repeat(20_000));
    fc.assert(
      fc.property(
        fc.array(text, { minLength: 1, maxLength: 3 }),
        fc.infiniteStream(fc.nat()),
        (texts, order) => {
          const entries = texts.map((one, index) => entry(`s${index}`, one));
          const parts = splitStack('stack', entries).map(sent);
          for (const part of parts)
            expect(Buffer.byteLength(JSON.stringify(part))).toBeLessThan(2 * 1024 * 1024);
          const received = new ReceivedParts();
          const twice = [...parts, ...parts].map((part) => ({ part, at: order.next().value as number }));
          for (const { part } of twice.sort((a, b) => a.at - b.at)) received.add(part);
          expect(received.take('stack')).toEqual(entries);
        },
      ),
      { numRuns: 20 },
    );
  });

  test('is not there before every part is, and parts of another stack are none of it', () => {
    const parts = splitStack('one', [entry('a', 'x'.repeat(1_500_000))]);
    expect(parts).toHaveLength(3);
    for (const missing of parts) {
      const received = new ReceivedParts();
      for (const part of parts) if (part !== missing) received.add(part);
      received.add({ ...missing, stack: 'other' });
      expect(received.complete).toBeUndefined();
      expect(received.take('one')).toBeUndefined();
      received.add(missing);
      expect(received.complete).toBe('one');
    }
  });

  test.each([undefined, null, 'text', {}, { stack: 's', index: 2, of: 2, text: '' }, { stack: 's', of: 1 }])(
    'ignores %j, which is no part',
    (value) => {
      const received = new ReceivedParts();
      received.add(value);
      expect(received.complete).toBeUndefined();
    },
  );
});

describe('S13 a rescue whose stack comes in parts', () => {
  let harness: Harness;
  beforeAll(async () => {
    harness = await Harness.start(await timeSkippingServer());
  });
  afterAll(async () => await harness.stop());

  const text = JSON.stringify([entry('a', { step: 'a' })]);
  const first = { stack: 'one', index: 0, of: 2, text: text.slice(0, 20) };
  const last = { stack: 'one', index: 1, of: 2, text: text.slice(20) };

  async function start(workflowId: string) {
    return await harness.env.client.workflow.start<typeof rescueSaga>('rescueSaga', {
      workflowId,
      taskQueue: 'sagas',
      args: [{ sagaId: 's', why: 'rescue', entries: [], parts: 2 }],
    });
  }

  test('declines a cancel while it waits, and begins when the last part is there', async () => {
    const world = new World();
    await harness.withWorkers(world, async () => {
      const handle = await start('in-parts');
      await handle.signal(STACK_PART, last);
      await handle.signal(STACK_PART, last);
      await handle.signal(STACK_PART, 'no part');
      await handle.cancel();
      await until('the cancel is declined', async () => (await harness.report(handle)).cancel !== undefined);
      expect(await harness.report(handle)).toMatchObject({
        status: 'unwinding',
        cancel: { effect: 'declined' },
      });
      expect(world.attempts).toEqual([]);
      await handle.signal(STACK_PART, first);
      expect(await handle.result()).toMatchObject({ status: 'compensated', reason: { code: 'RESCUED' } });
    });
    expect(world.effects).toEqual(['undo a']);
  });

  test('gives up after ten minutes, with nothing undone, so that the audit finds the saga', async () => {
    const world = new World();
    await harness.withWorkers(world, async () => {
      const handle = await start('incomplete');
      await handle.signal(STACK_PART, first);
      await expect(handle.result()).rejects.toMatchObject({ cause: { type: 'STACK_INCOMPLETE' } });
      expect(await harness.client.outcome('incomplete')).toMatchObject({
        kind: 'failed',
        reason: { code: 'STACK_INCOMPLETE' },
      });
    });
    expect(world.attempts).toEqual([]);
  });
});
