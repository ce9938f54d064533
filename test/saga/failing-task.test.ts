import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Client, type WorkflowService } from '@temporalio/client';
import { type Finding, type ListedSaga, SagaClient } from '../../src/client';
import { abandonSaga } from '../../src/saga';
import { localServer } from '../support/temporal';
import { until } from '../support/until';
import { Harness } from './harness';
import { fail, run, seq, wait } from './program';
import { programSaga } from './program-workflow';
import { World } from './world';

let harness: Harness;
let client: SagaClient;
beforeAll(async () => {
  // By itself the server waits for five failures in a row, which take a minute.
  const flag = 'system.numConsecutiveWorkflowTaskProblemsToTriggerSearchAttribute=2';
  harness = await Harness.start(await localServer(['--dynamic-config-value', flag]));
  client = harness.client;
});
afterAll(async () => await harness.stop());

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const taken: T[] = [];
  for await (const item of items) taken.push(item);
  return taken;
}

/** The same server as one that knows no attribute for failing tasks. */
function withoutAttribute(of: Client): Client {
  const { workflowService } = of;
  const older = <Request extends { query: string }>(request: Request): Request => ({
    ...request,
    query: request.query.replace('TemporalReportedProblems', 'TemporalNoSuchThing'),
  });
  const listWorkflowExecutions = async (request: { query: string }) =>
    await workflowService.listWorkflowExecutions(older(request));
  const countWorkflowExecutions = async (request: { query: string }) =>
    await workflowService.countWorkflowExecutions(older(request));
  const service = Object.create(workflowService, {
    listWorkflowExecutions: { value: listWorkflowExecutions },
    countWorkflowExecutions: { value: countWorkflowExecutions },
  }) as WorkflowService;
  const client = new Client({ connection: of.connection });
  Object.defineProperty(client, 'workflowService', { value: service });
  return client;
}

describe('S12 a saga whose workflow task fails again and again', () => {
  test('is among the stuck ones and in the audit, with the error, until a deployment gets it right', async () => {
    const sagaId = 'failing';
    await harness.withWorkers(new World(), async () => {
      await client.start({ ...programSaga, idOf: () => sagaId }, seq(run('a'), fail('TypeError')));
      await client.start({ ...programSaga, idOf: () => 'sound' }, wait('never'));
      let stuck: ListedSaga[] = [];
      await until('visibility tells', async () => (stuck = await all(client.listStuck())).length > 0);
      const failing = { sagaId, state: 'task-failing', problem: 'a bug in the body' };
      expect(stuck).toMatchObject([failing]);
      expect(await all(client.list({ state: 'task-failing' }))).toMatchObject([
        { sagaId, problem: expect.stringContaining('WorkflowTaskFailed') },
      ]);
      expect(await all(client.list({ state: 'forward' }))).toMatchObject([{ sagaId: 'sound' }]);
      expect(await client.count()).toMatchObject({ 'task-failing': 1, forward: 1 });
      const unanswered = {
        code: 'NO_ANSWER',
        message: expect.stringMatching(/cannot answer: .*Workflow Task in failed state/i),
      };
      await expect(client.report(sagaId)).rejects.toMatchObject(unanswered);
      const signature = { actor: 'grace', reason: 'it does not go on' };
      await expect(client.update(sagaId, abandonSaga, signature)).rejects.toMatchObject(unanswered);
      const finding: Partial<Finding> = {
        sagaId,
        code: 'TASK_FAILING',
        advice: 'by-hand',
        message: expect.stringContaining('a bug in the body') as never,
      };
      expect(await all(client.audit())).toMatchObject([finding]);

      const older = new SagaClient(withoutAttribute(harness.env.client));
      expect(await all(older.listStuck())).toMatchObject([failing]);
      expect(await older.count()).toMatchObject({ 'task-failing': 0, forward: 2 });
      expect(await all(older.audit())).toMatchObject([finding]);
      await harness.handle(sagaId).terminate();
      await harness.handle('sound').terminate();
    });
    await until('nothing is stuck any more', async () => (await all(client.listStuck())).length === 0);
  });
});
