import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { setTimeout } from 'node:timers/promises';
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { type HistoryEvent, summaryOf } from '../../src/testing/simulation/events';
import type { TemporalLimits } from '../../src/testing/simulation/limits';
import { type SimulatedWorkflows, Simulation } from '../../src/testing/simulation/simulation';
import { testBundle } from '../support/bundle';
import { localServer } from '../support/temporal';
import { until } from '../support/until';
import type * as excess from './excess-workflow';
import { go, untilGo } from './excess-workflow';
import { loadWorkflows } from './simulated-program';

const limits = {
  historyEvents: 60,
  historyBytes: 100_000,
  suggestedEvents: 40,
  pendingActivities: 3,
  pendingChildren: 3,
  pendingSignals: 3,
  pendingCancelRequests: 3,
  bufferedEvents: 5,
  blobBytes: 20_000,
  memoBytes: 20_000,
  updatesInFlight: 2,
  updatesInTotal: 3,
  localActivities: 2,
} satisfies Partial<TemporalLimits>;

/** The same for a server. It looks at the limit of a blob only beyond that of the warning. */
const settings = [
  `limit.historyCount.error=${limits.historyEvents}`,
  `limit.historySize.error=${limits.historyBytes}`,
  `limit.historyCount.suggestContinueAsNew=${limits.suggestedEvents}`,
  `limit.numPendingActivities.error=${limits.pendingActivities}`,
  `limit.numPendingChildExecutions.error=${limits.pendingChildren}`,
  `limit.numPendingSignals.error=${limits.pendingSignals}`,
  `limit.numPendingCancelRequests.error=${limits.pendingCancelRequests}`,
  `history.maximumBufferedEventsBatch=${limits.bufferedEvents}`,
  `limit.blobSize.error=${limits.blobBytes}`,
  'limit.blobSize.warn=1000',
  `limit.memoSize.error=${limits.memoBytes}`,
  `history.maxInFlightUpdates=${limits.updatesInFlight}`,
  `history.maxTotalUpdates=${limits.updatesInTotal}`,
].flatMap((setting) => ['--dynamic-config-value', setting]);

/** Ends the activity that is held, once in each run. */
let holding: (() => void) | undefined;

const onRealClock = async (ms: number): Promise<void> => {
  await setTimeout(ms);
};

/** How many activities linger, and have at most, and on which clock they do. */
const lingering = { now: 0, most: 0, sleep: onRealClock };

const activities: excess.ExcessActivities = {
  linger: async () => {
    lingering.most = Math.max(lingering.most, ++lingering.now);
    await lingering.sleep(20);
    lingering.now--;
    return null;
  },
  hold: () => (holding ? Promise.resolve(null) : new Promise((end) => (holding = () => end(null)))),
  take: () => Promise.resolve(null),
  produce: (length) => Promise.resolve('x'.repeat(length)),
};

const [HERE, NOBODY] = ['here', 'nobody polls it'];
const TOO_MUCH = 30_000;

let env: TestWorkflowEnvironment;
/** One that tries nothing again. */
let connection: Connection;
let workflows: SimulatedWorkflows;
beforeAll(async () => {
  env = await localServer(settings);
  const { address } = env;
  connection = await Connection.connect({ address, interceptors: [] });
  workflows = await loadWorkflows(require.resolve('./excess-workflow'));
});
afterAll(async () => {
  await workflows.close();
  await connection.close();
  await env.teardown();
});

/** What a client does, and sees. */
interface Place {
  readonly client: Client;
  readonly start: (workflow: string, args: unknown[], taskQueue?: string) => Promise<WorkflowHandle>;
  readonly until: (what: string, holds: () => Promise<boolean>) => Promise<void>;
}

let count = 0;

function placeOf(client: Client, until_: Place['until']): Place {
  const start = (workflow: string, args: unknown[], taskQueue = HERE) =>
    client.workflow.start(workflow, { args, taskQueue, workflowId: `excess-${++count}` });
  return { client, start, until: until_ };
}

async function onServer<T>(checkedBy: TemporalLimits['blobsCheckedBy'], work: (at: Place) => Promise<T>) {
  const options = { connection: env.nativeConnection, activities: { ...activities }, shutdownGraceTime: 0 };
  const disablePayloadErrorLimit = checkedBy === 'server';
  const workflowBundle = await testBundle(require.resolve('./excess-workflow'));
  const worker = await Worker.create({
    ...options,
    ...{ taskQueue: HERE, workflowBundle, disablePayloadErrorLimit },
    maxConcurrentLocalActivityExecutions: limits.localActivities,
  });
  const other = await Worker.create({ ...options, taskQueue: 'world', disablePayloadErrorLimit });
  const place = placeOf(new Client({ connection }), until);
  lingering.sleep = onRealClock;
  return await worker.runUntil(other.runUntil(() => work(place)));
}

async function inSimulation<T>(
  blobsCheckedBy: TemporalLimits['blobsCheckedBy'],
  work: (at: Place) => Promise<T>,
) {
  const options = { seed: 1, choices: [], limits: { ...limits, blobsCheckedBy } };
  const simulation = new Simulation(workflows, options);
  lingering.sleep = (ms) => simulation.sleep(ms);
  const functions = activities as unknown as Parameters<Simulation['start']>[0]['activities'];
  for (const taskQueue of [HERE, 'world'])
    simulation.start({ taskQueue, workflows: true, activities: functions });
  const untilIn: Place['until'] = async (_, holds) => {
    while (!(await holds())) await simulation.sleep(50);
  };
  try {
    return await simulation.run(() => work(placeOf(simulation.client, untilIn)));
  } finally {
    await simulation.stop();
  }
}

/** What an event says beside ids and times. */
function shown(event: HistoryEvent): string {
  const { cause } = event.workflowTaskFailedEventAttributes ?? {};
  const { reason } = event.workflowExecutionTerminatedEventAttributes ?? {};
  return [summaryOf(event, ['activityType', 'signalName', 'failure']), cause, reason]
    .filter((one) => one !== undefined && one !== null)
    .join(' ');
}

async function eventsOf(handle: WorkflowHandle): Promise<HistoryEvent[]> {
  return (await handle.fetchHistory()).events ?? [];
}

/** Runs a workflow until it is over, or its workflow task has failed: that comes again and again. */
async function history(at: Place, workflow: string, args: unknown[]): Promise<unknown> {
  const handle = await at.start(workflow, args);
  const ends = (event: HistoryEvent) =>
    event.workflowTaskFailedEventAttributes ??
    event.workflowExecutionCompletedEventAttributes ??
    event.workflowExecutionTerminatedEventAttributes;
  await at.until('its end, or a failure', async () => (await eventsOf(handle)).some(ends));
  const events = await eventsOf(handle);
  const { status } = await handle.describe();
  if (status.name === 'RUNNING') await handle.terminate('the test has seen it');
  const failed = events.findIndex((event) => event.workflowTaskFailedEventAttributes);
  return {
    status: status.name,
    ...(status.name === 'COMPLETED' && { result: (await handle.result()) as unknown }),
    events: (status.name === 'RUNNING' ? events.slice(0, failed + 1) : events).map(shown),
  };
}

/** What a client gets. */
async function answerTo(request: Promise<unknown>): Promise<unknown> {
  try {
    await request;
    return 'done';
  } catch (error) {
    const { cause } = error as { cause?: { code?: number; details?: string } };
    return { code: cause?.code, details: cause?.details, ...(!cause?.code && { error: String(error) }) };
  }
}

const same = async (work: (at: Place) => Promise<unknown>, checkedBy: 'worker' | 'server' = 'worker') => {
  const real = await onServer(checkedBy, work);
  expect(await inSimulation(checkedBy, work)).toEqual(real);
  return real;
};

describe('the dev server and the simulation end and fail the same', () => {
  test.each([
    {
      name: 'a history with too many events',
      workflow: 'inSteps',
      args: [100],
      shows: /history count exceeds/,
    },
    // The limit is met between two sizes that differ by more than the estimate of the simulation.
    {
      name: 'a history with too many bytes',
      workflow: 'measured',
      args: [9, 15_000],
      shows: /history size exceeds/,
    },
    { name: 'too many pending activities', workflow: 'atOnce', args: [4], shows: /PendingActivities.* 27/ },
    { name: 'too many children', workflow: 'withChildren', args: [4], shows: /PendingChildWorkflows.* 26/ },
    { name: 'too many signals', workflow: 'withSignals', args: [4], shows: /PendingSignals.* 28/ },
    { name: 'too many cancels', workflow: 'withCancels', args: [4], shows: /PendingRequestCancel.* 29/ },
    // 300 inputs, each within its limit, are more than gRPC's 4 MiB, which no server configures.
    {
      name: 'a message of more than 4 MiB',
      workflow: 'atOnce',
      args: [300, 19_000],
      shows: /GrpcMessageTooLarge/,
    },
  ])('$name', async ({ workflow, args, shows }) => {
    expect(JSON.stringify(await same((at) => history(at, workflow, args)))).toMatch(shows);
  });

  describe.each([
    { checkedBy: 'worker', shows: /TMPRL1103/ },
    { checkedBy: 'server', shows: /exceeds size limit/ },
  ] as const)('what is too large for an event, as the $checkedBy sees it:', ({ checkedBy, shows }) => {
    test.each([
      { name: 'an activity’s input', workflow: 'withInput', args: [TOO_MUCH] },
      { name: 'an activity’s result', workflow: 'withResult', args: [TOO_MUCH] },
      { name: 'a local activity’s result', workflow: 'withLocalResult', args: [TOO_MUCH] },
      { name: 'a workflow’s result', workflow: 'withAnswer', args: [TOO_MUCH] },
      { name: 'a child’s input', workflow: 'withChildren', args: [1, TOO_MUCH] },
      { name: 'a signal to another workflow', workflow: 'withSignals', args: [1, TOO_MUCH] },
    ])('$name', async ({ workflow, args }) => {
      const seen = await same((at) => history(at, workflow, args), checkedBy);
      expect(JSON.stringify(seen)).toMatch(shows);
    });
  });
});

test('as many activities as may be pending', async () => {
  // Which of them answers first is the server's matter.
  const seen = await same(
    async (at) => await (await at.start('atOnce', [limits.pendingActivities])).result(),
  );
  expect(seen).toBe('done');
});

test('no more local activities run at a time than a worker has slots for', async () => {
  const seen = await same(async (at) => {
    lingering.most = 0;
    await (await at.start('locallyAtOnce', [7])).result();
    return lingering.most;
  });
  expect(seen).toBe(limits.localActivities);
});

test('a workflow task fails when more comes meanwhile than a server keeps back', async () => {
  const seen = await same(async (at) => {
    const handle = await at.start('whileLocalRuns', []);
    await at.until('the local activity runs', () => Promise.resolve(holding !== undefined));
    for (let signal = 0; signal <= limits.bufferedEvents; signal++) await handle.signal(go, 'more');
    holding?.();
    await handle.result();
    holding = undefined;
    return (await eventsOf(handle)).map(shown);
  });
  expect(JSON.stringify(seen)).toMatch(/WORKFLOW_TASK_FAILED/);
});

describe('the dev server and the simulation refuse the same requests', () => {
  const text = 'x'.repeat(TOO_MUCH);

  test('starts whose input, memo or message is too large', async () => {
    const seen = await same(async ({ client }) => {
      const start = (args: unknown[], memo = {}) =>
        answerTo(
          client.workflow.start('waitForGo', { args, memo, taskQueue: HERE, workflowId: `big-${++count}` }),
        );
      const message = (await start(['x'.repeat(5_000_000)])) as { details: string };
      // How large the rest of the message is differs.
      const details = message.details.replace(/\d{7} vs/, 'some vs');
      return [await start([text]), await start([], { text }), { ...message, details }];
    });
    expect(JSON.stringify(seen)).toMatch(/Blob data.*Memo size.*larger than max/);
  });

  test('a signal and a query whose argument is too large', async () => {
    await same(async (at) => {
      const handle = await at.start('waitForGo', []);
      const answers = [await answerTo(handle.signal(go, text)), await answerTo(handle.query('any', text))];
      await handle.terminate('the test has seen it');
      return answers;
    });
  });

  test('a signal that would go past the limit of the history ends the workflow', async () => {
    const seen = await same(async (at) => {
      const handle = await at.start('waitForGo', [], NOBODY);
      const answers: unknown[] = [];
      while (!answers.some((one) => one !== 'done') && answers.length < 100)
        answers.push(await answerTo(handle.signal(go, 'more')));
      return [answers, (await eventsOf(handle)).map(shown)];
    });
    expect(JSON.stringify(seen)).toMatch(/history count exceeds/);
  });

  test('too many Updates at a time, and too many in all', async () => {
    const seen = await same(async (at) => {
      const handle = await at.start('waitForGo', []);
      const ask = (updateId: string, ends = '') =>
        answerTo(handle.startUpdate(untilGo, { waitForStage: 'ACCEPTED', updateId, args: [ends] }));
      const waiting = [await ask('a'), await ask('b'), await ask('c'), await ask('a')];
      await handle.terminate('the test has seen it');
      const other = await at.start('waitForGo', []);
      const ended: unknown[] = [];
      for (const id of ['a', 'b', 'c', 'd'])
        ended.push(await answerTo(other.executeUpdate(untilGo, { updateId: id, args: ['at once'] })));
      await other.signal(go);
      return [waiting, ended, await other.result()];
    });
    expect(JSON.stringify(seen)).toMatch(/concurrent in-flight.*total number of distinct updates/);
  });
});

test('what a workflow knows of its history', async () => {
  const measure = async (at: Place) =>
    (await (await at.start('measured', [8, 1_000])).result()) as excess.KnownHistory[];
  const real = await onServer('worker', measure);
  const simulated = await inSimulation('worker', measure);
  const others = ({ length, continueAsNewSuggested }: excess.KnownHistory) => [
    length,
    continueAsNewSuggested,
  ];
  expect(simulated.map(others)).toEqual(real.map(others));
  // A server's events have longer ids, and those of its workers.
  for (const [index, { bytes }] of real.entries())
    expect(Math.abs((simulated[index]?.bytes ?? 0) / bytes - 1)).toBeLessThan(0.15);
});
