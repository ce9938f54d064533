import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { WorkflowHandle } from '@temporalio/client';
import { SagaReason, type SagaReport, sagaStatusAttribute, undoPreviewQuery } from '../../src/saga';
import { Details } from '../../src/saga/publication';
import { localServer } from '../support/temporal';
import { ended, Harness } from './harness';
import { fail, par, pivot, run, seq, wait } from './program';
import { World } from './world';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start(await localServer());
});
afterAll(async () => await harness.stop());

/** The Web UI sets cells without padding. */
const PAD = '\u00a0\u00a0';

async function detailsOf(handle: Pick<WorkflowHandle, 'query'>): Promise<string[]> {
  const metadata = await handle.query<{ currentDetails?: string }>('__temporal_workflow_metadata');
  return metadata.currentDetails?.split('\n') ?? [];
}

describe('S11 the report', () => {
  test('answers while the saga runs and after it closed, with states, failures and times', async () => {
    const world = new World().script('do b', 'refuse').script('undo a', 'held');
    await harness.withWorkers(world, async () => {
      const handle = await harness.start(seq(run('a'), wait('go'), run('b')));
      await harness.until(handle, (report) => report.steps[0]?.state === 'succeeded');
      expect(await harness.report(handle)).toMatchObject({ status: 'forward', sagaId: handle.workflowId });

      await handle.signal('signal', 'go');
      await world.arrived('undo a');
      expect(await harness.report(handle)).toMatchObject({
        status: 'unwinding',
        steps: [
          { name: 'a', state: 'compensating', compensation: { state: 'running' } },
          { name: 'b', state: 'refused' },
        ],
      });
      world.release('undo a');

      const { report } = await ended(handle);
      expect(report).toEqual({
        sagaId: handle.workflowId,
        status: 'compensated',
        reason: { code: 'NO', message: 'b says no', step: 'b' },
        steps: [
          {
            name: 'a',
            kind: 'compensatable',
            participant: 'world',
            state: 'compensated',
            startedAt: expect.any(String),
            settledAt: expect.any(String),
            compensation: { state: 'done', startedAt: expect.any(String), endedAt: expect.any(String) },
          },
          {
            name: 'b',
            kind: 'compensatable',
            participant: 'world',
            state: 'refused',
            startedAt: expect.any(String),
            settledAt: expect.any(String),
            failure: { code: 'NO', message: 'b says no' },
          },
        ],
      });
    });
  });

  test('is the current details of the workflow, as a table', async () => {
    await harness.withWorkers(new World(), async () => {
      const { handle } = await ended(await harness.start(seq(run('a'), par(run('b'), run('c')))));
      const row = (...cells: string[]) => `|${cells.map((cell) => `${PAD}${cell}${PAD}`).join('|')}|`;
      expect(await detailsOf(handle)).toEqual([
        '**completed**',
        '',
        row('step', 'state', 'note'),
        '|---|---|---|',
        ...['a', 'b', 'c'].map((step) => row(step, 'succeeded', '')),
      ]);
    });
  });

  test('tells of what is stuck, and each Update with an input that its validator takes', async () => {
    const world = new World().script('undo a', ...Array<'permanent'>(9).fill('permanent'));
    await harness.withWorkers(world, async () => {
      const handle = await harness.start(seq(run('a'), fail('NO')));
      await harness.until(handle, ({ status }) => status === 'stuck');
      const details = await detailsOf(handle);
      expect(details.slice(0, 3)).toEqual([
        '**stuck** because of `NO`: the body says no',
        '',
        expect.stringMatching(
          /^\*\*the compensation of a\*\* is stuck since .*Z: `BROKEN` .* \(rounds used up: 1, next attempt at .*Z\)$/,
        ),
      ]);
      expect(details).toContain(`In a terminal: \`unwind show ${handle.workflowId}\``);
      const offered = details.flatMap((line) => /^- `(\w+)` [^`]*: `(.*)`$/.exec(line) ?? []);
      const updates = Array.from({ length: offered.length / 3 }, (_, index) =>
        offered.slice(3 * index + 1, 3 * index + 3),
      );
      expect(updates.map(([name]) => name)).toEqual(['retryStep', 'resolveStep', 'skipStep']);
      for (const [name = '', input = ''] of updates) {
        const unsigned = JSON.parse(input) as object;
        await expect(handle.executeUpdate(name, { args: [unsigned] })).rejects.toMatchObject({
          cause: { type: 'DESK_INVALID', message: expect.stringContaining('actor') as unknown },
        });
      }
      const [, skip = ''] = updates[2] ?? [];
      await handle.executeUpdate('skipStep', {
        args: [{ ...JSON.parse(skip), actor: 'grace', reason: 'why' }],
      });
      expect((await ended(handle)).report.status).toBe('partly-compensated');
    });
  });

  test('shows of more than a hundred steps those that are under way, and the latest', async () => {
    const world = new World().script('do s0', 'held');
    await harness.withWorkers(world, async () => {
      const steps = Array.from({ length: 120 }, (_, index) => run(`s${index}`));
      const handle = await harness.start(par(...steps));
      const running = (report: SagaReport) => report.steps.filter(({ state }) => state === 'running');
      await harness.until(handle, (report) => report.steps.length === 120 && running(report).length === 1);
      const details = await detailsOf(handle);
      expect(details[0]).toBe('**forward** — 120 steps; 19 that have ended are left out');
      expect(details.slice(4).map((line) => line.split(PAD)[1])).toEqual([
        's0',
        ...Array.from({ length: 100 }, (_, index) => `s${index + 20}`),
      ]);
      world.release('do s0');
      await ended(handle);
      expect((await detailsOf(handle))[0]).toBe('**completed** — 120 steps; 20 that have ended are left out');
    });
  });

  test('cannot be broken by what people write', () => {
    const message = 'a | b [click](http://evil) <script> `x`\n# head';
    const head = { sagaId: 's', status: 'compensated', reason: { code: 'A`B', message } } as const;
    const details = new Details().render(head, []);
    expect(details).toContain('a \\| b \\[click\\]\\(http:\u2060//evil\\) \\<script\\> \\`x\\` \\# head');
    expect(details.split('\n')).toHaveLength(4);
  });
});

describe('the undo preview', () => {
  test('says what would be undone now, in which order, with which inputs; nothing after the pivot', async () => {
    await harness.withWorkers(new World(), async () => {
      const program = seq(run('a'), par(run('b'), run('c')), wait('go'), pivot('p'), wait('end'));
      const handle = await harness.start(program);
      await harness.until(
        handle,
        (report) => report.steps.length === 3 && !report.steps.some((s) => s.state === 'running'),
      );
      const undo = (step: string) => ({
        step,
        participant: 'world',
        compensation: 'takeBack',
        input: { step },
        output: { did: step },
      });
      expect(await handle.query(undoPreviewQuery)).toEqual({
        canUnwind: true,
        waves: [[undo('c'), undo('b')], [undo('a')]],
      });
      await handle.signal('signal', 'go');
      await harness.until(handle, (report) => report.status === 'committed');
      expect(await handle.query(undoPreviewQuery)).toEqual({ canUnwind: false, waves: [] });
      await handle.signal('signal', 'end');
      await ended(handle);
    });
  });
});

describe('visibility', () => {
  test('a compensated saga is found by its status and by its reason', async () => {
    await harness.withWorkers(new World().script('do b', 'refuse'), async () => {
      const { handle } = await ended(await harness.start(seq(run('a'), run('b'))));
      const { typedSearchAttributes } = await handle.describe();
      expect(typedSearchAttributes.get(sagaStatusAttribute)).toBe('COMPENSATED');
      expect(typedSearchAttributes.get(SagaReason)).toBe('NO');
    });
  });

  test('every activity has a summary, and one longer than the server keeps is cut, not refused', async () => {
    const long = 'ö€😀'.repeat(200);
    const ascii = 'a'.repeat(1000);
    await harness.withWorkers(new World(), async () => {
      const { handle, result } = await ended(await harness.start(seq(run('a'), run(long), run(ascii))));
      expect(result).toEqual(['a', long, ascii]);
      const { events } = await handle.fetchHistory();
      const summaries = (events ?? [])
        .filter((event) => event.activityTaskScheduledEventAttributes)
        .map((event) => Buffer.from(event.userMetadata?.summary?.data ?? []).length);
      expect(summaries).toHaveLength(3);
      expect(Math.max(...summaries)).toBeLessThanOrEqual(200);
      expect(Math.min(...summaries)).toBeGreaterThan(0);
    });
  });
});
