import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { Client, type WorkflowClientInterceptor } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { SagaClient } from '../../src/client';
import { resolveStep, retryStep, SagaReason, skipStep } from '../../src/saga';
import { toFailure } from '../../src/participant';
import { taskFailure } from '../saga/harness';
import { deleteWorkflow } from '../support/temporal';
import { until } from '../support/until';
import { type BulkySystem, startBulkySystem } from './bulky-system';
import { type BulkyActivities, type BulkyPlan, bulkySaga } from './bulky-workflow';

let system: BulkySystem;
let client: SagaClient;
let undone: string[] = [];
let ids = 0;

/** What is held back until the test opens it. */
let gate: Promise<void> = Promise.resolve();
let open: () => void = () => undefined;
let held: string[] = [];

const activities: BulkyActivities = {
  act: async ({ answers, fails }, { step }) => {
    if (step.startsWith('held')) {
      held.push(step);
      await gate;
    }
    if (!fails) return 'y'.repeat(answers);
    const { type, message, times } = fails;
    throw toFailure(ApplicationFailure.nonRetryable(message.repeat(times), type)) as Error;
  },
  takeBack: (_, { sagaId, step }) => Promise.resolve(void undone.push(`${sagaId}/${step}`)),
};

beforeAll(async () => {
  system = await startBulkySystem(activities);
  ({ client } = system);
});

// A test that failed may have left it closed.
afterEach(() => open());
afterAll(async () => await system.stop());

const M = 1_000_000;
const fails = { code: 'NO', message: 'the body says no' };

async function start(plan: Omit<BulkyPlan, 'id'>): Promise<string> {
  return (await client.start(bulkySaga, { id: `bulky-${++ids}`, ...plan })).sagaId;
}

const close = async (plan: Omit<BulkyPlan, 'id'>) => await client.waitForClose<string>(await start(plan));

const isStuck = async (sagaId: string) => (await client.outcome(sagaId)).kind === 'stuck';

describe('what is too large for the server never hangs a saga, nor ends it by force', () => {
  test('a step’s input: it is not called, and what came before it is undone', async () => {
    undone = [];
    const sagaId = await start({ steps: [{ name: 'a' }, { name: 'b', bytes: 3 * M }] });
    expect(await client.waitForClose(sagaId)).toMatchObject({
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
    expect(await client.waitForClose(sagaId)).toMatchObject({ kind: 'completed' });
  });

  test('a compensation’s input and output together: stuck, until an operator gives a smaller input', async () => {
    undone = [];
    const sagaId = await start({ steps: [{ name: 'a', bytes: 0.9 * M, answers: 1.5 * M }], fails });
    await until('the saga to be stuck', () => isStuck(sagaId));
    const [step] = (await client.report(sagaId)).steps;
    expect(step).toMatchObject({ compensation: { state: 'stuck' }, stuck: { code: 'PAYLOAD_TOO_LARGE' } });
    const corrected = { step: 'a', actor: 'grace', reason: 'too large', input: { text: '', answers: 0 } };
    await client.update(sagaId, retryStep, corrected);
    expect(await client.waitForClose(sagaId)).toMatchObject({ kind: 'compensated', reason: { code: 'NO' } });
    expect(undone).toEqual([`${sagaId}/a`]);
  });

  test('an answer: nobody knows whether the step happened, and it is undone', async () => {
    undone = [];
    const sagaId = await start({ steps: [{ name: 'a', answers: 3 * M }] });
    expect(await client.waitForClose(sagaId)).toMatchObject({
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

describe('a compensation stack that is larger than one payload', () => {
  const large = [0, 1, 2].map((n) => ({ name: `s${n}`, bytes: 0.98 * M, answers: 0.98 * M }));
  const pivot = { kind: 'pivot', name: 'p' } as const;
  const undoneOf = (sagaId: string) =>
    undone.filter((one) => one.startsWith(`${sagaId}/`)).map((one) => one.slice(sagaId.length + 1));
  const workflow = (id: string) => system.env.client.workflow.getHandle(id);

  /** A client whose process dies when it has sent so many signals. */
  function dyingAfter(signals: number): SagaClient {
    let sent = 0;
    const { connection } = system.env;
    const signal: WorkflowClientInterceptor['signal'] = async (input, next) => {
      if (sent++ >= signals) throw new Error('the client has died');
      await next(input);
    };
    const interceptors = { workflow: [{ signal }] };
    return new SagaClient(new Client({ connection, interceptors }));
  }

  async function partsIn(id: string): Promise<number> {
    const { runId } = await workflow(id).describe();
    let parts = 0;
    let nextPageToken: Uint8Array | undefined;
    do {
      const page = await system.env.client.workflowService.getWorkflowExecutionHistory({
        namespace: system.env.client.options.namespace,
        execution: { workflowId: id, runId },
        maximumPageSize: 1,
        ...(nextPageToken && { nextPageToken }),
      });
      const isPart = (event: {
        workflowExecutionSignaledEventAttributes?: { signalName?: string | null } | null;
      }) => event.workflowExecutionSignaledEventAttributes?.signalName === 'stackPart';
      parts += (page.history?.events ?? []).filter(isPart).length;
      nextPageToken = page.nextPageToken ?? undefined;
    } while (nextPageToken?.length);
    return parts;
  }

  /** A server keeps signals out of the history while a workflow task runs. */
  const partsArrived = (id: string, count: number) =>
    until(`${count} parts to be in the history of ${id}`, async () => (await partsIn(id)) === count);

  /** A server that is asked to delete what it has not recorded as closed everywhere puts it off. */
  async function deleteClosed(id: string): Promise<void> {
    const query = `WorkflowId = '${id}' AND ExecutionStatus != 'Running'`;
    await until(
      `${id} shows as closed`,
      async () => (await system.env.client.workflow.count(query)).count > 0,
    );
    await deleteWorkflow(system.env.client, id);
  }

  beforeEach(() => {
    undone = [];
    held = [];
    gate = Promise.resolve();
  });

  test('S10 a nested saga completes with one, and its parent reverses it', async () => {
    const sagaId = await start({
      steps: [{ name: 'n', nested: { steps: [...large, pivot] } }, { name: 'b' }],
      fails,
    });
    expect(await client.waitForClose(sagaId)).toMatchObject({ kind: 'compensated', reason: { code: 'NO' } });
    expect(undoneOf(`${sagaId}.n`)).toEqual(['p', 's2', 's1', 's0']);
    expect(undoneOf(sagaId)).toEqual(['b']);
  });

  test('S10 so does one that is nested in a nested one', async () => {
    const inner = { name: 'inner', nested: { steps: [...large, pivot] } };
    const sagaId = await start({ steps: [{ name: 'n', nested: { steps: [inner, pivot] } }], fails });
    expect(await client.waitForClose(sagaId)).toMatchObject({ kind: 'compensated', reason: { code: 'NO' } });
    expect(undoneOf(`${sagaId}.n`)).toEqual(['p']);
    expect(undoneOf(`${sagaId}.n.inner`)).toEqual(['p', 's2', 's1', 's0']);
  });

  test('S10 one too large for its parent completes too; the parent is stuck at it until a client has reversed it', async () => {
    const many = Array.from({ length: 6 }, (_, n) => ({ ...large[0], name: `s${n}` }));
    const sagaId = await start({ steps: [{ name: 'n', nested: { steps: many } }], fails });
    await until('the saga to be stuck', () => isStuck(sagaId));
    expect((await client.report(sagaId)).steps[0]?.stuck).toMatchObject({
      code: 'NESTED_STACK_MISSING',
      message: expect.stringContaining(`reverse ${sagaId}.n`),
    });
    const { rescueId } = await client.reverse(`${sagaId}.n`);
    expect(await client.waitForClose(rescueId)).toMatchObject({ kind: 'completed' });
    await client.update(sagaId, resolveStep, { step: 'n', actor: 'grace', reason: 'reversed it' });
    expect(await client.waitForClose(sagaId)).toMatchObject({ kind: 'compensated' });
    expect(undoneOf(`${sagaId}.n`)).toHaveLength(6);
  });

  test('S13 a completed saga with one is reversed', async () => {
    const sagaId = await start({ steps: large });
    await client.waitForClose(sagaId);
    const { rescueId } = await client.reverse(sagaId);
    expect(await client.waitForClose(rescueId)).toMatchObject({
      kind: 'completed',
      result: { status: 'compensated', reason: { code: 'REVERSED' } },
    });
    expect(undoneOf(sagaId)).toEqual(['s2', 's1', 's0']);
    expect(await client.reverse(sagaId)).toMatchObject({ started: false });
    expect(undoneOf(sagaId)).toHaveLength(3);
  });

  test('S13 a rescue whose client dies half-way undoes nothing; the same command sends what is missing', async () => {
    const sagaId = await start({ steps: large });
    await client.waitForClose(sagaId);
    await expect(dyingAfter(2).reverse(sagaId)).rejects.toThrow('the client has died');
    const rescueId = `${sagaId}-reverse`;
    await partsArrived(rescueId, 2);
    expect(await client.report(rescueId)).toMatchObject({
      status: 'unwinding',
      reason: { code: 'REVERSED', message: expect.stringContaining('parts') },
      steps: [],
    });
    expect(undone).toEqual([]);

    await expect(dyingAfter(1).reverse(sagaId)).rejects.toThrow('the client has died');
    await partsArrived(rescueId, 3);
    expect(await client.reverse(sagaId)).toEqual({ sagaId, rescueId, started: false });
    expect(await client.waitForClose(rescueId)).toMatchObject({ kind: 'completed' });
    expect(undoneOf(sagaId)).toEqual(['s2', 's1', 's0']);
    // 5.9 MB in parts of 600,000 characters, each sent once.
    expect(await partsIn(rescueId)).toBe(10);
  });

  test('S13 a parent that was terminated is rescued with what its nested saga had handed to it', async () => {
    gate = new Promise((resolve) => (open = resolve));
    const steps = [{ name: 'n', nested: { steps: [...large, pivot] } }, { name: 'held' }];
    const sagaId = await start({ steps });
    await until('the nested saga to have ended', () => held.length > 0);
    await workflow(sagaId).terminate('by the test');
    await deleteClosed(`${sagaId}.n`);
    open();
    const { rescueId } = await client.rescue(sagaId);
    expect(await client.waitForClose(rescueId)).toMatchObject({ kind: 'completed' });
    expect(undoneOf(`${sagaId}.n`)).toEqual(['p', 's2', 's1', 's0']);
  });

  test('S13 so is one that was terminated before: the nested history tells it', async () => {
    gate = new Promise((resolve) => (open = resolve));
    const past = { kind: 'retriable', name: 'held' } as const;
    const sagaId = await start({ steps: [{ name: 'n', nested: { steps: [...large, pivot, past] } }] });
    await until('the nested saga to be past its pivot', () => held.length > 0);
    await workflow(sagaId).terminate('by the test');
    open();
    expect(await client.waitForClose(`${sagaId}.n`)).toMatchObject({ kind: 'completed' });
    const { rescueId } = await client.rescue(sagaId);
    expect(await client.waitForClose(rescueId)).toMatchObject({ kind: 'completed' });
    expect(undoneOf(`${sagaId}.n`)).toEqual(['p', 's2', 's1', 's0']);
  });

  test('S14, S18 one for which no history would have room does not come about: the saga unwinds before', async () => {
    const many = Array.from({ length: 14 }, (_, n) => ({ ...large[0], name: `s${n}` }));
    const sagaId = await start({ steps: many });
    expect(await client.waitForClose(sagaId)).toMatchObject({
      kind: 'compensated',
      reason: { code: 'HISTORY_LIMIT' },
    });
    const { steps } = await client.report(sagaId);
    expect(steps.length).toBeGreaterThan(4);
    expect(undoneOf(sagaId)).toEqual(steps.map(({ name }) => name).toReversed());
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
    const outcome = await client.waitForClose(sagaId);
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
    await client.waitForClose(sagaId);
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
