import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SagaClient } from '../../src/client';
import { resolveStep, retryStep } from '../../src/saga';
import { placementMemo } from '../../src/saga/memo';
import { checkInvariants } from '../../services/invariants';
import { fulfilment, type Review, reviewOrder } from '../../services/order/fulfilment';
import { Faults } from '../fulfilment/faults';
import { openShopSystem, type ShopSystem } from '../fulfilment/shop-system';
import { ended, Harness, states } from '../saga/harness';
import { ask, fail, look, pivot, type Program, retriable, run, seq } from '../saga/program';
import { answerBySignal, answerByUpdate } from '../saga/program-workflow';
import { World } from '../saga/world';
import { orderOf } from '../services/shop';
import { until } from '../support/until';
import { type KillableTemporal, startKillableTemporal } from './killable-temporal';

/**
 * S1, decision 0009: the server is killed while a step of an express saga runs that follows from what somebody has just sent, inside the
 * next workflow task. The worker goes on without a server as far as it can; then the server goes on from what it has on disk.
 */

let killable: KillableTemporal;
beforeAll(async () => {
  killable = await startKillableTemporal();
});
afterAll(() => killable.close());

/** What became of something that was asked for: whether it was accepted. A sender that does not know asks again. */
const settled = (asked: Promise<unknown>): Promise<'accepted' | 'not accepted'> =>
  asked.then(
    () => 'accepted',
    () => 'not accepted',
  );

describe('an order whose review is approved', () => {
  const faults = new Faults();
  let system: ShopSystem;
  let client: SagaClient;
  beforeAll(async () => {
    system = await openShopSystem('killable', undefined, (shop) => faults.wrap(shop), killable.connect());
    client = new SagaClient(system.env.client, { placements: { [fulfilment.workflow]: 'express' } });
  });
  afterAll(async () => {
    faults.releaseAll();
    await system.close();
  });

  test.each(['decline', 'approve'] as const)(
    'the server is killed while its payment is captured, and a second reviewer says: %s',
    async (decision) => {
      const orderId = `killed-${decision}`;
      const sagaId = `order-${orderId}`;
      const review = (decided: Review) => settled(client.update(sagaId, reviewOrder, decided));
      await client.start(fulfilment, orderOf(orderId, { lines: [{ sku: 'sku-laptop', quantity: 1 }] }));
      await until(`${sagaId} to wait for its review`, async () => {
        const { steps } = await client.report(sagaId);
        return steps.length === 3 && steps.every(({ state }) => state === 'succeeded');
      });
      faults.at(sagaId, 'do capture-payment', 'held');
      const first = review({ decision: 'approve', actor: 'grace' });
      await faults.arrived(sagaId, 'do capture-payment');

      await killable.server.kill();
      faults.release(sagaId, 'do capture-payment');
      await until('the worker to have gone on without a server', () => {
        const confirmed = faults.calls.some(
          (call) => call.sagaId === sagaId && call.step === 'confirm-order',
        );
        return confirmed && faults.inFlight === 0;
      });
      await killable.server.restart();

      const second = await review({ decision, actor: 'alan' });
      await until(
        'it to close, or to be stuck',
        async () => (await client.outcome(sagaId)).kind !== 'running',
      );
      const outcome = await client.outcome(sagaId);
      const told = [await first, second];
      const declined = decision === 'decline' && second === 'accepted';
      expect({ told, outcome }).toMatchObject(
        declined
          ? { told: ['not accepted', 'accepted'], outcome: { reason: { code: 'REVIEW_DECLINED' } } }
          : { outcome: { kind: 'completed' } },
      );
      expect(told.filter((each) => each === 'accepted')).toHaveLength(1);
      const ends = declined
        ? ({ ended: 'compensated', reason: 'REVIEW_DECLINED' } as const)
        : { ended: 'completed' as const };
      const report = await checkInvariants(system.shop.urls, [{ orderId, workflowId: sagaId, ...ends }]);
      expect(report.filter(({ holds }) => !holds)).toEqual([]);
    },
  );
});

describe('a small saga', () => {
  let harness: Harness;
  beforeAll(async () => {
    harness = await Harness.start(await killable.connect());
  });
  afterAll(() => harness.stop());

  const express = (program: Program, name: string) =>
    harness.start(program, name, { memo: placementMemo('express') });

  const reviewed = (rest: Program) =>
    ask('review', { yes: seq(run('b'), rest, pivot('p'), retriable('r')), no: fail('NO') }, fail('NO'));

  /** Kills the server while a step is held, and starts it again when the worker has gone on to the end. */
  async function killWhile(world: World, operation: string): Promise<void> {
    await world.arrived(operation);
    await killable.server.kill();
    world.release(operation);
    await until('the worker to have gone on', () => world.effects.includes('do r'));
    await killable.server.restart();
  }

  const all = ['do a', 'do b', 'do c', 'do p', 'do r'];

  test('a signal has it go on: another signal that comes after the restart changes nothing', async () => {
    const world = new World().script('do c', 'held');
    await harness.withWorkers(world, async () => {
      const handle = await express(seq(run('a'), reviewed(look('hurry', run('d'), run('c')))), 'by-signal');
      await handle.signal(answerBySignal, 'review', 'yes');
      await killWhile(world, 'do c');
      const again = settled(handle.signal(answerBySignal, 'hurry', 'yes'));
      await settled(handle.signal(answerBySignal, 'review', 'no'));
      expect((await ended(handle)).result).toEqual(['a', 'b', 'c', 'p', 'r']);
      await again;
    });
    expect(world.effects).toEqual(all);
  });

  test('an Update has it go on: whoever was told that it is accepted was told the truth', async () => {
    const world = new World().script('do c', 'held');
    await harness.withWorkers(world, async () => {
      const handle = await express(seq(run('a'), reviewed(run('c'))), 'by-update');
      await harness.until(handle, ({ steps }) => steps[0]?.state === 'succeeded');
      const answer = (yes: string) =>
        settled(handle.executeUpdate(answerByUpdate, { args: ['review', yes] }));
      const first = answer('yes');
      await killWhile(world, 'do c');
      const second = await answer('no');
      const { report } = await ended(handle);
      expect([await first, second]).toEqual(
        report.status === 'completed' ? ['accepted', 'not accepted'] : ['not accepted', 'accepted'],
      );
      expect(Object.values(states(report)).every((state) => state === 'succeeded')).toBe(
        report.status === 'completed',
      );
    });
    expect(world.effects).toEqual(world.effects.includes('undo a') ? ['do a', 'undo a'] : all);
  });

  test('the first step after an Update is in no task: it is done once, and the saga goes on when the server is back', async () => {
    const world = new World().script('do b', 'held');
    await harness.withWorkers(world, async () => {
      const handle = await express(seq(run('a'), reviewed(run('c'))), 'first-step');
      await harness.until(handle, ({ steps }) => steps[0]?.state === 'succeeded');
      const told = settled(handle.executeUpdate(answerByUpdate, { args: ['review', 'yes'] }));
      await world.arrived('do b');
      await killable.server.kill();
      world.release('do b');
      await until('its effect', () => world.effects.includes('do b'));
      await killable.server.restart();
      expect((await ended(handle)).result).toEqual(['a', 'b', 'c', 'p', 'r']);
      expect(await told).toBe('accepted');
    });
    expect(world.effects).toEqual(all);
  });

  test('S6 the desk resolves a step: nothing follows from a decision that is lost', async () => {
    // By hand it could be done. The participant refuses it.
    const world = new World().script('do b', 'permanent', 'refuse').script('do p', 'held');
    const signature = { step: 'b', actor: 'grace', reason: 'done by hand' };
    await harness.withWorkers(world, async () => {
      const handle = await express(seq(run('a'), run('b'), run('c'), pivot('p'), retriable('r')), 'by-desk');
      await harness.until(handle, ({ status }) => status === 'stuck');
      const first = settled(
        handle.executeUpdate(resolveStep, { args: [{ ...signature, output: { did: 'b' } }] }),
      );
      await killWhile(world, 'do p');
      const second = await settled(
        handle.executeUpdate(retryStep, { args: [{ ...signature, actor: 'alan' }] }),
      );
      const { report } = await ended(handle);
      expect([await first, second]).toEqual(
        report.status === 'completed' ? ['accepted', 'not accepted'] : ['not accepted', 'accepted'],
      );
    });
    const done = world.effects.filter((effect) => effect.startsWith('do '));
    expect(world.effects).toEqual(world.effects.includes('undo a') ? ['do a', 'undo a'] : done);
  });
});
