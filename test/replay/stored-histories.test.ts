import { beforeAll, describe, expect, test } from '@jest/globals';
import { Worker } from '@temporalio/worker';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestBundle, testBundle } from '../support/bundle';
import '../support/temporal';
import { historiesDirectory } from './record-history';

const histories = readdirSync(historiesDirectory).map((file) => ({
  workflowId: file.replace('.json', ''),
  text: readFileSync(join(historiesDirectory, file), 'utf8'),
}));

let workflowBundle: TestBundle;
beforeAll(async () => {
  workflowBundle = await testBundle(require.resolve('../../workflows'));
});

/**
 * Sagas that began on an earlier version must go on with this one. A stored history is never changed to fit the code:
 * a new order of commands is a versioned change (`patched`).
 */
describe('stored histories', () => {
  test.each(histories)('$workflowId replays', async ({ workflowId, text }) => {
    await Worker.runReplayHistory({ workflowBundle }, JSON.parse(text), workflowId);
  });

  test('there is one of each phase, and of each way an order can end', () => {
    expect(histories.map(({ workflowId }) => workflowId)).toEqual(
      expect.arrayContaining([
        ...['forward', 'unwinding', 'stuck', 'after-pivot'],
        ...['completed', 'compensated-UNDELIVERABLE', 'compensated-after-desk', 'cancelled'],
        ...['rescued', 'reversed', 'express-completed', 'express-compensated'],
      ]),
    );
  });

  test('a history whose commands came in another order does not replay', async () => {
    const completed = histories.find(({ workflowId }) => workflowId === 'completed');
    const changed = JSON.parse(
      (completed?.text ?? '').replaceAll('"openOrder"', '"reserveStock"'),
    ) as unknown;
    await expect(Worker.runReplayHistory({ workflowBundle }, changed)).rejects.toThrow(/TMPRL1100/);
  });
});
