import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ApplicationFailure } from '@temporalio/common';
import type { SagaClient } from '../../src/client';
import { resolveStep, retryStep, SagaReason, skipStep } from '../../src/saga';
import { toFailure } from '../../src/participant';
import { taskFailure } from '../saga/harness';
import { until } from '../support/until';
import { type BulkySystem, startBulkySystem } from './bulky-system';
import { type BulkyActivities, type BulkyPlan, bulkySaga } from './bulky-workflow';

let system: BulkySystem;
let client: SagaClient;
let undone: string[] = [];
let ids = 0;

const activities: BulkyActivities = {
  act: ({ answers, fails }) => {
    if (!fails) return Promise.resolve('y'.repeat(answers));
    const { type, message, times } = fails;
    const failure = ApplicationFailure.nonRetryable(message.repeat(times), type);
    return Promise.reject(toFailure(failure) as Error);
  },
  takeBack: (_, { sagaId, step }) => Promise.resolve(void undone.push(`${sagaId}/${step}`)),
};

beforeAll(async () => {
  system = await startBulkySystem(activities);
  ({ client } = system);
});

afterAll(async () => await system.stop());

const M = 1_000_000;
const fails = { code: 'NO', message: 'the body says no' };

async function start(plan: Omit<BulkyPlan, 'id'>): Promise<string> {
  return (await client.start(bulkySaga, { id: `bulky-${++ids}`, ...plan })).sagaId;
}

const close = async (plan: Omit<BulkyPlan, 'id'>) => await client.closed<string>(await start(plan));

const isStuck = async (sagaId: string) => (await client.outcome(sagaId)).kind === 'stuck';

describe('what is too large for the server never hangs a saga, nor ends it by force', () => {
  test('a step’s input: it is not called, and what came before it is undone', async () => {
    undone = [];
    const sagaId = await start({ steps: [{ name: 'a' }, { name: 'b', bytes: 3 * M }] });
    expect(await client.closed(sagaId)).toMatchObject({
      kind: 'compensated',
      reason: { code: 'PAYLOAD_TOO_LARGE' },
      report: {
        reason: { step: 'b' },
        steps: [{ state: 'compensated' }, { state: 'refused' }],
      },
    });
    expect(undone).toEqual([`${sagaId}/a`]);
  });

  test('the undo preview: it shows the first part, and how much it leaves out', async () => {
    const large = { bytes: 900_000, answers: 900_000 };
    const fails = { type: 'BROKEN', message: 'it is broken', times: 1 };
    const steps = [
      { name: 'a', ...large },
      { name: 'b', ...large },
      { name: 'c', bytes: 100_000 },
      { kind: 'pivot', name: 'p', fails },
    ] as const;
    const sagaId = await start({ steps });
    await until('it is stuck at its pivot', () => isStuck(sagaId));
    const preview = await client.undoPreview(sagaId);
    expect(preview).toMatchObject({ canUnwind: true, omitted: 1 });
    expect(preview.waves.map((wave) => wave.map(({ step }) => step))).toEqual([['c'], ['b']]);
    await system.env.client.workflow.getHandle(sagaId).terminate();
  });

  test('a pivot’s input: the saga unwinds', async () => {
    const plan = { steps: [{ name: 'a' }, { kind: 'pivot', name: 'p', bytes: 3 * M }] } as const;
    expect(await close(plan)).toMatchObject({ kind: 'compensated', reason: { code: 'PAYLOAD_TOO_LARGE' } });
  });

  test('the input of a step after the pivot: stuck, until an operator gives a smaller one', async () => {
    const sagaId = await start({
      steps: [
        { kind: 'pivot', name: 'p' },
        { kind: 'retriable', name: 'b', bytes: 3 * M },
      ],
    });
    await until('the saga to be stuck', () => isStuck(sagaId));
    expect((await client.report(sagaId)).steps[1]?.stuck).toMatchObject({ code: 'PAYLOAD_TOO_LARGE' });
    const decision = { step: 'b', actor: 'grace', reason: 'too large' };
    await expect(
      client.update(sagaId, retryStep, { ...decision, input: 'x'.repeat(1.5 * M) }),
    ).rejects.toMatchObject({ code: 'UPDATE_REFUSED', message: expect.stringContaining('DESK_INVALID') });
    await expect(
      client.update(sagaId, resolveStep, { ...decision, output: 'x'.repeat(1.5 * M) }),
    ).rejects.toMatchObject({ code: 'UPDATE_REFUSED', message: expect.stringContaining('DESK_INVALID') });
    expect((await client.report(sagaId)).desk).toBeUndefined();
    await client.update(sagaId, retryStep, { ...decision, input: { text: '', answers: 0 } });
    expect(await client.closed(sagaId)).toMatchObject({ kind: 'completed' });
  });

  test('a compensation’s input and output together: stuck, until an operator gives a smaller input', async () => {
    undone = [];
    const sagaId = await start({ steps: [{ name: 'a', bytes: 0.9 * M, answers: 1.5 * M }], fails });
    await until('the saga to be stuck', () => isStuck(sagaId));
    const [step] = (await client.report(sagaId)).steps;
    expect(step).toMatchObject({ compensation: { state: 'stuck' }, stuck: { code: 'PAYLOAD_TOO_LARGE' } });
    const corrected = { step: 'a', actor: 'grace', reason: 'too large', input: { text: '', answers: 0 } };
    await client.update(sagaId, retryStep, corrected);
    expect(await client.closed(sagaId)).toMatchObject({ kind: 'compensated', reason: { code: 'NO' } });
    expect(undone).toEqual([`${sagaId}/a`]);
  });

  test('an answer: nobody knows whether the step happened, and it is undone', async () => {
    undone = [];
    const sagaId = await start({ steps: [{ name: 'a', answers: 3 * M }] });
    expect(await client.closed(sagaId)).toMatchObject({
      kind: 'compensated',
      reason: { code: 'STEP_UNKNOWN' },
    });
    expect(undone).toEqual([`${sagaId}/a`]);
  });

  test('many steps at once, and their compensations: they are spread over workflow tasks', async () => {
    undone = [];
    const steps = Array.from({ length: 6 }, (_, index) => ({
      name: `s${index}`,
      bytes: 0.9 * M,
      answers: 0.9 * M,
    }));
    expect(await close({ steps, atOnce: true, fails })).toMatchObject({
      kind: 'compensated',
      reason: { code: 'NO' },
    });
    expect(undone).toHaveLength(6);
  });

  test('a result: the workflow task fails visibly, nothing is undone, and it waits for a fixed deployment', async () => {
    undone = [];
    const sagaId = await start({ steps: [{ name: 'a' }], resultBytes: 3 * M });
    const handle = system.env.client.workflow.getHandle(sagaId);
    expect(await taskFailure(handle)).toContain('TMPRL1103');
    expect(await client.outcome(sagaId)).toEqual({ kind: 'running' });
    expect(undone).toEqual([]);
    await handle.terminate('the test has seen it');
  });

  test.each([
    ['INPUT_TOO_LARGE', 'x'.repeat(3 * M)],
    ['INPUT_TOO_LARGE', 'x'.repeat(5 * M)],
    ['INPUT_NOT_JSON', 1n],
  ])('a saga’s own input: %s, and nothing starts', async (code, padding) => {
    const id = `bulky-${++ids}`;
    await expect(client.start(bulkySaga, { id, padding })).rejects.toMatchObject({ code });
    await expect(client.startUntil(bulkySaga, { id, padding }, 'm')).rejects.toMatchObject({ code });
    await expect(client.outcome(id)).rejects.toMatchObject({ code: 'SAGA_NOT_FOUND' });
  });
});

describe('what nobody can send does not end a worker, nor a saga', () => {
  const half = '\ud800';

  test.each([
    ['half a surrogate pair in the body’s message', { fails: { code: 'NO', message: half } }, 'NO'],
    ['half a surrogate pair in its code', { fails: { code: `NO${half}`, message: '' } }, 'NO?'],
    ['U+0000 in its code', { fails: { code: 'N\0O', message: 'a\0b' } }, 'N?O'],
    ['a message of three million characters', { fails: { ...fails, times: 200_000 } }, 'NO'],
    ['a code of 100,000 characters', { fails: { code: 'N'.repeat(100_000), message: '' } }, 'N'.repeat(100)],
    [
      'half a surrogate pair in a participant’s message',
      { steps: [{ name: 'a', fails: { type: 'BROKEN', message: half, times: 1 } }] },
      'STEP_UNKNOWN',
    ],
    [
      'a participant’s message of five million characters',
      { steps: [{ name: 'a', fails: { type: 'NO', message: 'x', times: 5 * M } }] },
      'NO',
    ],
    [
      'summaries and details of any length and content',
      {
        summary: '"'.repeat(1_000),
        details: half.repeat(30_000),
        steps: ['"', half, '\u0001', '😀'].map((text, index) => ({
          name: `s${index}`,
          summary: text.repeat(500),
        })),
        fails,
      },
      'NO',
    ],
  ] as [string, Omit<BulkyPlan, 'id'>, string][])('%s', async (_, plan, reason) => {
    const sagaId = await start({ steps: [{ name: 'before' }], ...plan });
    const outcome = await client.closed(sagaId);
    expect(outcome).toMatchObject({ kind: 'compensated', reason: { code: reason } });
    const { typedSearchAttributes } = await system.env.client.workflow.getHandle(sagaId).describe();
    expect(typedSearchAttributes.get(SagaReason) ?? '').toBe(reason);
    expect(system.worker.getState()).toBe('RUNNING');
  });

  test('a bug whose message holds half a surrogate pair fails its workflow task, and no more', async () => {
    const sagaId = await start({ bug: half });
    const handle = system.env.client.workflow.getHandle(sagaId);
    expect(await taskFailure(handle)).toContain('\ufffd');
    expect(system.worker.getState()).toBe('RUNNING');
    await handle.terminate('the test has seen it');
  });

  test('a decision about a step of such a name is rejected', async () => {
    const sagaId = await start({ steps: [{ name: 'a', bytes: 0.9 * M, answers: 1.5 * M }], fails });
    await until('the saga to be stuck', () => isStuck(sagaId));
    const decision = { actor: 'grace', reason: 'why' };
    await expect(client.update(sagaId, skipStep, { ...decision, step: half })).rejects.toMatchObject({
      message: expect.stringContaining('DESK_INVALID'),
    });
    await client.update(sagaId, skipStep, { ...decision, step: 'a' });
    await client.closed(sagaId);
    expect(system.worker.getState()).toBe('RUNNING');
  });
});

test.each(['', 'x'.repeat(256), 'a\0b', 'a\nb', '\ud800'])(
  'the saga id %j is refused by everything that takes one',
  async (id) => {
    const code = 'SAGA_ID_INVALID';
    await expect(client.start(bulkySaga, { id })).rejects.toMatchObject({ code });
    await expect(client.startUntil(bulkySaga, { id }, 'm')).rejects.toMatchObject({ code });
    await expect(client.outcome(id)).rejects.toMatchObject({ code });
    await expect(client.report(id)).rejects.toMatchObject({ code });
    await expect(client.cancel(id)).rejects.toMatchObject({ code });
    await expect(client.rescue(id)).rejects.toMatchObject({ code });
    await expect(client.update(id, skipStep, { step: 'a', actor: 'g', reason: 'r' })).rejects.toMatchObject({
      code,
    });
  },
);
