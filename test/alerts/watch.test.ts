import { getEventListeners } from 'node:events';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Client, Connection, type WorkflowService } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import { findAlerts, watchSagas } from '../../src/alerts';
import { SagaClient } from '../../src/client';
import { retryStep } from '../../src/saga';
import { Harness } from '../saga/harness';
import { declared, fail, type Program, pivot, run, seq, wait } from '../saga/program';
import { programSaga } from '../saga/program-workflow';
import { World } from '../saga/world';
import { localServer } from '../support/temporal';
import { until } from '../support/until';
import { Collector, Lines, whileWatching } from './collector';
import { Proxy } from './proxy';

let harness: Harness;
let client: SagaClient;
beforeAll(async () => {
  // By itself the server waits for five failures in a row, which take a minute.
  const flag = 'system.numConsecutiveWorkflowTaskProblemsToTriggerSearchAttribute=2';
  harness = await Harness.start(await localServer(['--dynamic-config-value', flag]));
  client = harness.client;
});
afterAll(async () => await harness.stop());

const broken = (times = 200) => Array<'permanent'>(times).fill('permanent');
const signature = { actor: 'grace', reason: 'the bank is back' };
const start = async (sagaId: string, program: Program) =>
  await client.start({ ...programSaga, idOf: () => sagaId }, program);
const told = async (seen: Collector, ...lines: string[]) =>
  await until(`${lines.join(', ')}; told: ${seen.told.join(', ')}`, () =>
    lines.every((line) => seen.told.includes(line)),
  );
const polled = async (seen: Collector, times = 3) => {
  const from = seen.refreshed;
  await until('further polls', () => seen.refreshed >= from + times);
};
const inVisibility = async (prefix: string, count: number) =>
  await until(
    'visibility',
    async () => (await client.count({ where: `WorkflowId STARTS_WITH '${prefix}'` })).stuck === count,
  );

describe('a stuck saga', () => {
  test('is reported once, with step and code, and again when it goes on', async () => {
    await harness.withWorkers(new World().script('do pay', 'permanent'), async () => {
      await whileWatching(client, 'once-', {}, async (seen) => {
        await start('once-1', seq(run('hold'), pivot('pay')));
        await told(seen, 'open saga-stuck once-1');
        await polled(seen);
        expect(seen.told).toEqual(['open saga-stuck once-1']);
        const [open] = seen.alerts;
        const report = await client.report('once-1');
        expect(open).toMatchObject({
          severity: 'critical',
          namespace: 'default',
          workflow: 'runProgram',
          step: 'pay',
          code: 'BROKEN',
          message: 'pay is broken',
        });
        const stuckSince = Date.parse(report.steps[1]?.stuck?.since ?? '');
        expect(Math.abs(Date.parse(open?.since ?? '') - stuckSince)).toBeLessThan(5_000);
        await client.update('once-1', retryStep, { step: 'pay', ...signature });
        await told(seen, 'resolved saga-stuck once-1');
        expect(seen.alerts[1]).toMatchObject({ key: open?.key, resolvedAt: expect.any(String) as unknown });
        await polled(seen);
        expect(seen.alerts).toHaveLength(2);
      });
    });
  });

  test('has the same key from another watcher, also when no worker of it answers', async () => {
    const where = { where: `WorkflowId = 'same-key'` };
    const find = async () => {
      const sink = new Collector();
      const options = { compensationRounds: 1_000_000, filter: where, sinks: [sink], logger: new Lines() };
      await findAlerts(client, options);
      return sink.alerts;
    };
    let [withWorker, again, without] = [await find(), await find(), await find()];
    await harness.withWorkers(new World().script('undo a', ...broken()), async () => {
      const rounds = async () => (await client.report('same-key')).steps[0]?.stuck?.rounds ?? 0;
      const stuck = { initialInterval: '500 ms', maximumInterval: '500 ms' } as const;
      await start('same-key', declared(stuck, seq(run('a'), fail('NO'))));
      await inVisibility('same-key', 1);
      withWorker = await find();
      const before = await rounds();
      await until('further rounds', async () => (await rounds()) > before + 1);
      again = await find();
    });
    without = await find();
    expect(withWorker).toMatchObject([{ kind: 'saga-stuck', step: 'a', code: 'BROKEN' }]);
    expect(again).toEqual(withWorker);
    expect(without).toMatchObject([
      { key: withWorker[0]?.key, message: expect.stringMatching(/^no report: /) as unknown },
    ]);
    await harness.handle('same-key').terminate();
  });

  test('whose compensation has used up its rounds is reported again, and both are resolved', async () => {
    await harness.withWorkers(new World().script('undo a', ...broken(4)), async () => {
      await whileWatching(client, 'rounds-', { compensationRounds: 3 }, async (seen) => {
        const stuck = { initialInterval: '500 ms', maximumInterval: '500 ms' } as const;
        await start('rounds-1', declared(stuck, seq(run('a'), fail('NO'))));
        await told(seen, 'open compensation-failing rounds-1', 'resolved compensation-failing rounds-1');
        expect(seen.told.slice(0, 2)).toEqual([
          'open saga-stuck rounds-1',
          'open compensation-failing rounds-1',
        ]);
        expect(seen.told.toSorted()).toEqual([
          'open compensation-failing rounds-1',
          'open saga-stuck rounds-1',
          'resolved compensation-failing rounds-1',
          'resolved saga-stuck rounds-1',
        ]);
        expect(seen.alerts[1]?.message).toMatch(/^[34] rounds used up: a is broken/);
      });
    });
  });
});

test('many sagas with one cause are one alert, that grows, and is resolved with the last of them', async () => {
  const ids = Array.from({ length: 30 }, (_, index) => `flood-${index}`);
  const world = new World().script('undo a', ...broken(30));
  await harness.withWorkers(world, async () => {
    const program = seq(run('a'), fail('NO'));
    for (const id of ids.slice(0, 12)) await start(id, program);
    await inVisibility('flood-', 12);
    await whileWatching(client, 'flood-', { groupAbove: 10 }, async (seen) => {
      await until('an alert', () => seen.alerts.length > 0);
      expect(seen.alerts).toMatchObject([{ kind: 'saga-stuck', count: 12, step: 'a', code: 'BROKEN' }]);
      expect(seen.alerts[0]?.examples).toHaveLength(5);
      expect(seen.alerts[0]?.sagaId).toBeUndefined();
      for (const id of ids.slice(12)) await start(id, program);
      await until('the alert to grow', () => seen.alerts.length > 1);
      expect(seen.told[1]).toMatch(/^open saga-stuck (2[4-9]|30)$/);
      await inVisibility('flood-', 30);
      await polled(seen);
      for (const id of ids) await client.update(id, retryStep, { step: 'a', ...signature });
      await until('the end', () => seen.alerts.at(-1)?.status === 'resolved');
      expect(new Set(seen.alerts.map(({ key }) => key)).size).toBe(1);
    });
  });
});

/** A client that counts the reports it reads. */
class Counting extends SagaClient {
  described = 0;

  override async describe(...args: Parameters<SagaClient['describe']>) {
    this.described += 1;
    return await super.describe(...args);
  }
}

describe('very many sagas', () => {
  const many = 230;
  const ids = Array.from({ length: many }, (_, index) => `very-many-${index}`);

  test('are reported with at most 200 reports in a poll, and each is read once', async () => {
    const counting = new Counting(harness.env.client);
    await harness.withWorkers(new World().script('do pay', ...broken(many)), async () => {
      await Promise.all(ids.map(async (id) => await start(id, pivot('pay'))));
      await inVisibility('very-many-', many);
      await whileWatching(counting, 'very-many-', {}, async (seen) => {
        await until('an alert', () => seen.alerts.length > 0);
        expect(counting.described).toBe(200);
        expect(seen.alerts).toMatchObject([{ count: many, code: 'BROKEN', step: 'pay' }]);
        await until('the rest to be read', () => counting.described === many);
        await polled(seen);
        expect(counting.described).toBe(many);
        expect(seen.alerts).toHaveLength(1);
      });
    });
  });

  test('are not waited for one after the other while no worker answers', async () => {
    const counting = new Counting(harness.env.client);
    const filter = { where: `WorkflowId STARTS_WITH 'very-many-'` };
    const open = await findAlerts(counting, { filter, sinks: [], logger: new Lines() });
    expect(open).toMatchObject([{ kind: 'saga-stuck', step: 'pay', count: many }]);
    expect(counting.described).toBeLessThan(20);
  });

  test('are tracked up to a limit, beyond which it is logged how many are left', async () => {
    const filter = { where: `WorkflowId STARTS_WITH 'very-many-'` };
    const logger = new Lines();
    const open = await findAlerts(client, { filter, sinks: [], logger, maxTracked: 100 });
    expect(open).toMatchObject([{ count: 100 }]);
    expect(logger.lines).toMatchObject([{ fields: { left: many - 100 } }]);
    await Promise.all(ids.map(async (id) => await harness.handle(id).terminate()));
  });
});

test('on a server that does not mark failing tasks the other alerts are raised, and it is logged', async () => {
  const older = new Client({ connection: harness.env.connection });
  const { workflowService } = older;
  const listWorkflowExecutions = async (request: { query: string }) =>
    await workflowService.listWorkflowExecutions({
      ...request,
      query: request.query.replace('TemporalReportedProblems', 'TemporalNoSuchThing'),
    });
  const service = Object.create(workflowService, {
    listWorkflowExecutions: { value: listWorkflowExecutions },
  });
  Object.defineProperty(older, 'workflowService', { value: service as WorkflowService });
  await harness.withWorkers(new World().script('do pay', ...broken()), async () => {
    await whileWatching(new SagaClient(older), 'older-', {}, async (seen, logger) => {
      await start('older-1', pivot('pay'));
      await told(seen, 'open saga-stuck older-1');
      await polled(seen);
      expect(logger.lines).toMatchObject([{ message: expect.stringContaining('1.30') as unknown }]);
    });
    await harness.handle('older-1').terminate();
  });
});

test('a saga whose workflow task fails is reported with the error, and is resolved by a deployment', async () => {
  await start('misbuilt-1', run('a'));
  await whileWatching(client, 'misbuilt-', {}, async (seen) => {
    const worker = await Worker.create({
      connection: harness.env.nativeConnection,
      taskQueue: programSaga.taskQueue,
      workflowsPath: require.resolve('../support/no-workflows'),
    });
    await worker.runUntil(async () => await told(seen, 'open task-failing misbuilt-1'));
    expect(seen.alerts).toMatchObject([
      {
        code: expect.stringMatching(/^\w+$/) as unknown,
        message: expect.stringContaining('runProgram') as unknown,
      },
    ]);
    await harness.withWorkers(new World(), async () => {
      await told(seen, 'resolved task-failing misbuilt-1');
    });
  });
});

describe('a deadline that has passed', () => {
  test('is reported while the saga unwinds', async () => {
    const world = new World().script('undo a', ...Array<'held'>(50).fill('held'));
    await harness.withWorkers(world, async () => {
      await whileWatching(client, 'late-', {}, async (seen) => {
        await harness.start(seq(run('a'), wait('never')), 'late-1', {}, { deadline: '500 ms' });
        await told(seen, 'open deadline-passed late-1');
        expect(seen.alerts).toMatchObject([{ code: 'DEADLINE_EXCEEDED', severity: 'warning' }]);
        await polled(seen);
        expect(seen.told).toEqual(['open deadline-passed late-1']);
        await harness.handle('late-1').terminate();
        await told(seen, 'resolved deadline-passed late-1');
      });
    });
  });

  test('is reported for a stuck saga that declined it after its pivot', async () => {
    await harness.withWorkers(new World().script('do ship', ...broken()), async () => {
      await whileWatching(client, 'declined-', {}, async (seen) => {
        const stuck = { initialInterval: '1 hour' } as const;
        const program = seq(pivot('pay'), wait('go'), { do: 'retriable', step: 'ship' });
        const handle = await harness.start(program, 'declined-1', {}, { deadline: '500 ms', stuck });
        await harness.until(handle, ({ deadline }) => deadline?.effect === 'declined');
        await handle.signal('signal', 'go');
        await told(seen, 'open saga-stuck declined-1', 'open deadline-passed declined-1');
        const { deadline } = await client.report('declined-1');
        expect(seen.alerts.find(({ kind }) => kind === 'deadline-passed')?.since).toBe(deadline?.requestedAt);
        await handle.terminate();
        await told(seen, 'resolved saga-stuck declined-1', 'resolved deadline-passed declined-1');
      });
    });
  });
});

test('a finding of the audit is reported, and resolved once the saga is rescued', async () => {
  await harness.withWorkers(new World(), async () => {
    await whileWatching(client, 'audited-', { auditEveryMs: 1_000, groupAbove: 1_000 }, async (seen) => {
      await start('audited-1', seq(run('a'), wait('never')));
      await until('a', async () => (await client.report('audited-1')).steps[0]?.state === 'succeeded');
      await harness.handle('audited-1').terminate();
      await told(seen, 'open audit-finding audited-1');
      expect(seen.alerts.find(({ sagaId }) => sagaId === 'audited-1')).toMatchObject({
        code: 'TERMINATED',
        severity: 'warning',
      });
      const { rescueId } = await client.rescue('audited-1');
      await client.waitForClose(rescueId);
      await told(seen, 'resolved audit-finding audited-1');
    });
  });
});

describe('a watcher', () => {
  test('survives a server that is away, tells it once, and that it is back', async () => {
    const proxy = await Proxy.to(harness.env.address);
    // Without the retries of the SDK, which take 25 s.
    const connection = await Connection.connect({ address: proxy.address, interceptors: [] });
    const watched = new SagaClient(new Client({ connection }));
    await whileWatching(watched, 'away-', { failingAfterMs: 1_000 }, async (seen, logger) => {
      await polled(seen);
      proxy.cut();
      await until('watch-failing', () => seen.told.includes('open watch-failing'), 50_000);
      await polled(seen, 1);
      expect(seen.told).toEqual(['open watch-failing']);
      expect(logger.lines.filter(({ message }) => message.includes('fails'))).toHaveLength(1);
      proxy.open();
      await until('resolved', () => seen.told.includes('resolved watch-failing'), 50_000);
      expect(logger.lines.at(-1)?.message).toBe('the poll works again');
    });
    await connection.close();
    await proxy.close();
  });

  test('raises nothing twice after the server was away', async () => {
    const proxy = await Proxy.to(harness.env.address);
    // Without the retries of the SDK, which take 25 s.
    const connection = await Connection.connect({ address: proxy.address, interceptors: [] });
    const watched = new SagaClient(new Client({ connection }));
    await harness.withWorkers(new World().script('do pay', ...broken()), async () => {
      await whileWatching(watched, 'kept-', {}, async (seen, logger) => {
        await start('kept-1', pivot('pay'));
        await told(seen, 'open saga-stuck kept-1');
        proxy.cut();
        await until('a poll that fails', () => logger.text.includes('the poll fails'), 50_000);
        proxy.open();
        await until('a poll that works', () => logger.text.includes('works again'), 50_000);
        await polled(seen);
        expect(seen.told).toEqual(['open saga-stuck kept-1']);
      });
    });
    await harness.handle('kept-1').terminate();
    await connection.close();
    await proxy.close();
  });

  test('ends at once when it is aborted, and refuses options that make no sense', async () => {
    await watchSagas(client, { signal: AbortSignal.abort(), sinks: [] });
    for (const options of [{ everyMs: 0 }, { everyMs: NaN }, { auditEveryMs: 1 }, { groupAbove: 0 }])
      await expect(watchSagas(client, options)).rejects.toMatchObject({ code: 'WATCH_OPTION_INVALID' });
  });

  test('leaves nothing on the signal, however many polls it makes', async () => {
    const stop = new AbortController();
    const seen = new Collector();
    const watching = watchSagas(client, { signal: stop.signal, sinks: [seen], everyMs: 100 });
    await polled(seen, 20);
    expect(getEventListeners(stop.signal, 'abort').length).toBeLessThan(3);
    stop.abort();
    await watching;
  });

  test('outlives a sink that throws, and says so', async () => {
    const throwing = {
      notify: () => {
        throw new Error('a sink is full');
      },
    };
    await harness.withWorkers(new World().script('do pay', ...broken()), async () => {
      await start('thrown-1', pivot('pay'));
      await inVisibility('thrown-', 1);
      const [seen, logger] = [new Collector(), new Lines()];
      const filter = { where: `WorkflowId STARTS_WITH 'thrown-'` };
      const open = await findAlerts(client, { filter, sinks: [throwing, seen], logger });
      expect(open).toHaveLength(1);
      expect(seen.told).toEqual(['open saga-stuck thrown-1']);
      expect(logger.text).toContain('a sink is full');
      await harness.handle('thrown-1').terminate();
    });
  });
});
