import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { reportText } from '../../src/cli/text/report';
import { Harness } from '../saga/harness';
import { par, run, seq } from '../saga/program';
import { World } from '../saga/world';
import { localServer } from '../support/temporal';
import { until } from '../support/until';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start(await localServer());
});
afterAll(async () => await harness.stop());

describe('S11 the report of a running saga', () => {
  test('says at which attempt each of its steps is, also of two of one type', async () => {
    const world = new World().script('do a', 'transient', 'held').script('do b', 'held');
    await harness.withWorkers(world, async () => {
      const { workflowId } = await harness.start(seq(par(run('a'), run('b'))));
      await world.arrived('do a', 'do a', 'do b');
      await until('the server to know of both attempts', async () => {
        const { steps } = await harness.client.report(workflowId);
        return steps.every(({ attempt }) => attempt?.state === 'runs');
      });
      const report = await harness.client.report(workflowId);
      expect(report.steps).toMatchObject([
        { name: 'a', attempt: { number: 2, of: 2, state: 'runs', lastFailure: 'a is busy' } },
        { name: 'b', attempt: { number: 1, of: 2, state: 'runs' } },
      ]);
      expect(reportText(report)).toMatch(/attempt 2 of 2 runs/);
      world.release('do a');
      world.release('do b');
      await harness.client.waitForClose(workflowId);
      const over = await harness.client.report(workflowId);
      expect(over.steps.map((step) => Object.keys(step))).not.toContain('attempt');
    });
  });

  test('says that it waits for a worker, and when a stuck step is tried again', async () => {
    const world = new World().script('undo a', 'permanent').script('do b', 'refuse');
    await harness.withWorkers(world, async () => {
      const { workflowId } = await harness.start(seq(run('a'), run('b')));
      await harness.until(harness.handle(workflowId), ({ status }) => status === 'stuck');
      const { steps } = await harness.client.report(workflowId);
      const { since = '', retryAt = '' } = steps[0]?.stuck ?? {};
      expect(Date.parse(retryAt) - Date.parse(since)).toBe(60_000);
      await harness.handle(workflowId).terminate('the test has seen it');
    });
  });
});
