import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Context } from '@temporalio/activity';
import type { StepCall } from '../../src/saga';
import { openShopSystem, type ShopSystem } from '../fulfilment/shop-system';
import { until } from '../support/until';

type Moment = 'before the transaction' | 'after the commit';

/** Holds an attempt of an activity at a moment until the test lets it go on; keeps how the attempt then ended. */
class Fault {
  private go: () => void = () => undefined;
  private readonly released = new Promise<void>((resolve) => {
    this.go = resolve;
  });
  reached = false;
  ended: Promise<{ failure?: { type?: string } }> | undefined;

  constructor(
    readonly sagaId: string,
    readonly moment: Moment,
    readonly attempt = 1,
  ) {}

  letGo(): void {
    this.go();
  }

  async hold(): Promise<void> {
    this.reached = true;
    await this.released;
  }
}

const faults: Fault[] = [];

/** The real activity, with the fault that a test planted for this saga and attempt, if any. */
function faulty<I, O>(
  real: (input: I, call: StepCall) => Promise<O>,
): (input: I, call: StepCall) => Promise<O> {
  return async (input, call) => {
    const { attempt } = Context.current().info;
    const fault = faults.find((one) => one.sagaId === call.sagaId && one.attempt === attempt);
    if (!fault) return await real(input, call);
    const run = async () => {
      if (fault.moment === 'before the transaction') await fault.hold();
      const output = await real(input, call);
      if (fault.moment === 'after the commit') await fault.hold();
      return output;
    };
    const running = run();
    fault.ended = running.then(
      () => ({}),
      (failure: { type?: string }) => ({ failure }),
    );
    return await running;
  };
}

let system: ShopSystem;
beforeAll(async () => {
  system = await openShopSystem('faults', require.resolve('./fault-workflows'), (shop) => ({
    reserveStock: faulty(shop.reserveStock),
    authorisePayment: faulty(shop.authorisePayment),
  }));
  await setStock(1000);
});
afterAll(() => system.close());

const inventory = () => system.shop.databases.inventory;

async function setStock(onHand: number): Promise<void> {
  await inventory().query(
    `UPDATE stock SET on_hand = $1, received = $1 + reserved + shipped WHERE sku = 'sku-moonlamp'`,
    [onHand],
  );
}

async function reserved(): Promise<number> {
  const [row] = await inventory().query<{ reserved: number }>(
    `SELECT reserved FROM stock WHERE sku = 'sku-moonlamp'`,
  );
  return row?.reserved ?? -1;
}

async function held(): Promise<number> {
  const [row] = await system.shop.databases.payment.query<{ held: number }>(
    `SELECT COALESCE(sum(amount), 0)::bigint AS held FROM postings WHERE account_id = 'cust-ada/held/EUR'`,
  );
  return row?.held ?? -1;
}

async function start(sagaId: string, fault: Fault) {
  faults.push(fault);
  return await system.env.client.workflow.start('reserveAndAuthorise', {
    workflowId: sagaId,
    taskQueue: 'orchestrator',
    args: [
      { orderId: sagaId, customerId: 'cust-ada', card: 'card-ada', total: { amount: 700, currency: 'EUR' } },
    ],
  });
}

async function stateOf(sagaId: string, step: string): Promise<string | undefined> {
  return (await system.client.report(sagaId)).steps.find(({ name }) => name === step)?.state;
}

describe('an answer is lost', () => {
  test('S1, B3: an action that commits and then times out is compensated', async () => {
    const fault = new Fault('lost-answer', 'after the commit');
    await start('lost-answer', fault);
    await until('the commit', async () => (await held()) === 700);
    expect(await system.client.waitForClose('lost-answer')).toMatchObject({
      kind: 'compensated',
      reason: { code: 'STEP_UNKNOWN' },
    });
    expect([await held(), await reserved()]).toEqual([0, 0]);
    fault.letGo();
  });

  test('B1: an attempt repeated after a lost answer gets the first outcome, and acts once', async () => {
    const fault = new Fault('repeated', 'after the commit');
    // The first attempt of reserve-stock commits and its answer is lost; the second is answered from the barrier.
    const handle = await start('repeated', fault);
    await until('the first attempt', () => fault.reached);
    await until(
      'the second answer',
      async () => (await stateOf('repeated', 'reserve-stock')) === 'succeeded',
    );
    expect(await reserved()).toBe(1);
    fault.letGo();
    await handle.signal('goOn');
    await system.client.waitForClose('repeated');
    expect(await reserved()).toBe(0);
  });
});

describe('an action is late', () => {
  test('B3, B4: a compensation before its action makes the late action fail and change nothing', async () => {
    const fault = new Fault('late-action', 'before the transaction');
    faults.push(new Fault('late-action', 'before the transaction', 2));
    await start('late-action', fault);
    await until('the attempt', () => fault.reached);
    expect(await system.client.waitForClose('late-action')).toMatchObject({ kind: 'compensated' });
    expect(await stateOf('late-action', 'reserve-stock')).toBe('compensated');

    for (const one of faults.filter(({ sagaId }) => sagaId === 'late-action')) one.letGo();
    expect(await fault.ended).toMatchObject({ failure: { type: 'ACTION_BLOCKED' } });
    expect(await reserved()).toBe(0);
  });

  test('B2: a refused step is not compensated, and its late duplicate cannot succeed', async () => {
    const fault = new Fault('late-duplicate', 'before the transaction');
    await setStock(0);
    await start('late-duplicate', fault);
    expect(await system.client.waitForClose('late-duplicate')).toMatchObject({
      kind: 'compensated',
      reason: { code: 'OUT_OF_STOCK' },
    });
    expect(await stateOf('late-duplicate', 'reserve-stock')).toBe('refused');

    await setStock(1000);
    fault.letGo();
    expect(await fault.ended).toMatchObject({ failure: { type: 'OUT_OF_STOCK' } });
    expect(await reserved()).toBe(0);
  });
});
