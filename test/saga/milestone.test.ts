import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { SagaClient } from '../../src/client';
import { awaitMilestone } from '../../src/saga';
import { localServer } from '../support/temporal';
import { until } from '../support/until';
import { ended, Harness, queues } from './harness';
import { type Program, reach, run, seq, wait } from './program';
import { programSaga } from './program-workflow';
import { World } from './world';

let harness: Harness;
let client: SagaClient;
beforeAll(async () => {
  // The server gives up an Update that waits for longer, and the SDK asks it again.
  harness = await Harness.start(
    await localServer(['--dynamic-config-value', 'history.longPollExpirationInterval="1s"']),
  );
  client = harness.client;
});
afterAll(async () => await harness.stop());

const named = (sagaId: string) => ({ ...programSaga, idOf: () => sagaId });
const handleOf = (sagaId: string) => harness.env.client.workflow.getHandle(sagaId) as never;

/** A client, and the names of its calls. */
async function countingClient() {
  const calls: string[] = [];
  const connection = await Connection.connect({
    address: harness.env.address,
    interceptors: [
      (options, nextCall) => {
        calls.push(options.method_definition.path.split('/').at(-1) ?? '');
        return nextCall(options) as never;
      },
    ],
  });
  calls.length = 0;
  return { calls, connection, sagas: new SagaClient(new Client({ connection })) };
}

describe('a milestone: the early answer', () => {
  test('reached: the answer comes while the saga goes on, and again for who asks again', async () => {
    const program = seq(run('a'), reach('accepted'), wait('go'), run('b'));
    await harness.withWorkers(new World(), async () => {
      const answer = { kind: 'reached', milestone: 'accepted', value: { outputs: ['a'] } };
      expect(await client.startUntil(named('accepted'), program, 'accepted')).toEqual(answer);
      expect((await client.outcome('accepted')).kind).toBe('running');
      expect(await client.startUntil(named('accepted'), program, 'accepted')).toEqual(answer);
      await harness.env.client.workflow.getHandle('accepted').signal('signal', 'go');
      expect((await ended(handleOf('accepted'))).result).toEqual(['a', 'b']);
    });
  });

  test('costs one call; who asks again is looked up', async () => {
    const { calls, connection, sagas } = await countingClient();
    const program = seq(run('a'), reach('accepted'), wait('go'));
    await harness.withWorkers(new World(), async () => {
      await sagas.startUntil(named('counted'), program, 'accepted');
      expect(calls).toEqual(['ExecuteMultiOperation']);
      await sagas.startUntil(named('counted'), program, 'accepted');
      expect(calls.slice(1)).toEqual([
        'ExecuteMultiOperation',
        'ExecuteMultiOperation',
        'DescribeWorkflowExecution',
        'GetWorkflowExecutionHistory',
      ]);
      await harness.env.client.workflow.getHandle('counted').signal('signal', 'go');
    });
    await connection.close();
  });

  test('reached: also when the worker comes after the server has given up to wait for it', async () => {
    const { calls, connection, sagas } = await countingClient();
    const answer = sagas.startUntil(named('late'), seq(run('a'), reach('accepted')), 'accepted');
    await until('the second call', () => calls.length > 1);
    await harness.withWorkers(new World(), async () => {
      expect(await answer).toMatchObject({ kind: 'reached' });
    });
    // Each was the same start: none met another one.
    expect(new Set(calls)).toEqual(new Set(['ExecuteMultiOperation']));
    await connection.close();
  });

  test('refused: the answer is why, before everything is undone', async () => {
    const world = new World().script('do b', 'refuse').script('undo a', 'held');
    await harness.withWorkers(world, async () => {
      const program = seq(run('a'), run('b'), reach('accepted'));
      expect(await client.startUntil(named('refused'), program, 'accepted')).toMatchObject({
        kind: 'refused',
        reason: { code: 'NO', step: 'b' },
      });
      await world.arrived('undo a');
      world.release('undo a');
      expect((await ended(handleOf('refused'))).report.status).toBe('compensated');
    });
  });

  test('refused: the saga is cancelled while someone waits, and nobody keeps it from closing', async () => {
    const world = new World();
    await harness.withWorkers(world, async () => {
      const program = seq(run('a'), reach('accepted'), wait('go'), reach('shipped'));
      await client.startUntil(named('cancelled'), program, 'accepted');
      const shipped = client.update('cancelled', awaitMilestone, 'shipped');
      const { workflow } = harness.env.client;
      await until('the question for the milestone to be in the history', async () => {
        const { events } = await workflow.getHandle('cancelled').fetchHistory();
        return (
          (events ?? []).filter((event) => event.workflowExecutionUpdateAcceptedEventAttributes).length === 2
        );
      });
      await client.cancel('cancelled');
      expect(await shipped).toMatchObject({ kind: 'refused', reason: { code: 'CANCELLED' } });
      expect(await client.waitForClose('cancelled')).toEqual({ kind: 'cancelled' });
    });
  });

  test('express: the answer comes before the steps that follow the milestone, which wait for another workflow task', async () => {
    const world = new World().script('do b', 'held');
    await harness.withWorkers(world, async () => {
      const express = { ...named('early'), placement: 'express' } as const;
      const program = seq(run('a'), reach('accepted'), run('b'));
      expect(await client.startUntil(express, program, 'accepted')).toMatchObject({ kind: 'reached' });
      // It begins in no task with what came before: a local one would be in no event yet.
      expect(await queues(handleOf('early'))).toEqual(['sagas']);
      world.release('do b');
      expect((await ended(handleOf('early'))).result).toEqual(['a', 'b']);
    });
    expect(world.effects).toEqual(['do a', 'do b']);
  });

  test('express: a saga that nobody waits for pays nothing for its milestones', async () => {
    await harness.withWorkers(new World(), async () => {
      const express = { ...named('unasked'), placement: 'express' } as const;
      await client.start(express, seq(run('a'), reach('accepted'), run('b')));
      await ended(handleOf('unasked'));
      expect(await queues(handleOf('unasked'))).toEqual([]);
    });
  });

  test('passed: the saga completed without it, and nobody is left without an answer', async () => {
    await harness.withWorkers(new World(), async () => {
      expect(await client.startUntil(named('passed'), run('a'), 'never')).toEqual({ kind: 'passed' });
      expect((await ended(handleOf('passed'))).result).toEqual(['a']);
    });
  });

  test('another input under the same id, and a saga that has ended, are refused', async () => {
    const start = (program: Program) => client.startUntil(named('once'), program, 'accepted');
    await harness.withWorkers(new World(), async () => {
      const program = seq(reach('accepted'), wait('go'));
      await start(program);
      await expect(start(reach('accepted'))).rejects.toMatchObject({ code: 'SAGA_ID_TAKEN' });
      await harness.env.client.workflow.getHandle('once').signal('signal', 'go');
      await client.waitForClose('once');
      await expect(start(program)).rejects.toMatchObject({ code: 'SAGA_ENDED' });
      await expect(start(reach('accepted'))).rejects.toMatchObject({ code: 'SAGA_ID_TAKEN' });
    });
  });
});
