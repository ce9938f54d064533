import { continueAsNew, makeContinueAsNewFunc, sleep, workflowInfo } from '@temporalio/workflow';
import { defineSaga, nested, runSaga, type Saga, type SagaDefinition } from '../../src/saga';
import { compensatableNamed, pivotNamed, retriableNamed } from './program-steps';

export { rescueSaga } from '../../src/saga';

/** A saga that goes through many items in several runs of its workflow. */
export interface Long {
  readonly items: number;
  /** Items of one run. */
  readonly perRun: number;
  readonly next?: number;
  readonly pivotAt?: number;
  /** How large the input of each step is besides. */
  readonly bytes?: number;
  /** What the body does wrong, or else. */
  readonly how?: 'in flight' | 'elsewhere' | 'sleeps' | 'behind a save-point';
}

const longSaga = defineSaga<Long, number>({
  workflow: 'goThrough',
  taskQueue: 'sagas',
  idOf: () => 'unused',
});

export type LongOptions = Pick<SagaDefinition<unknown, unknown>, 'deadline' | 'maxHistoryEvents' | 'stuck'>;

export async function goThrough(long: Long, options: LongOptions = {}): Promise<number> {
  return await runSaga({ ...longSaga, ...options }, async (saga) => {
    const { items, perRun, next = 0, pivotAt = Infinity, how, bytes = 0 } = long;
    const input = { step: 'item', ...(bytes > 0 && { filler: 'x'.repeat(bytes) }) };
    let { committed } = saga;
    for (let item = next; item < items; item++) {
      if (item === next + perRun) {
        if (how === 'in flight') void saga.run(compensatableNamed('slow'), { step: 'slow' });
        if (how === 'elsewhere') await makeContinueAsNewFunc({ workflowType: 'onceMore' })();
        if (how === 'behind a save-point')
          await saga.attempt(async () => await continueAsNew<typeof goThrough>(long, options));
        await continueAsNew<typeof goThrough>({ ...long, next: item }, options);
      }
      if (item === pivotAt) committed = await saga.pivot(pivotNamed('p'), { step: 'p' });
      else if (committed) await committed.run(retriableNamed('item'), { step: 'item' });
      else await saga.run(compensatableNamed('item'), input);
      if (how === 'sleeps') await sleep(1);
    }
    if (!committed) await saga.run(compensatableNamed('last'), { step: 'last' });
    return items;
  });
}

/** Has a saga that continues as new as a step. */
export async function goThroughNested(long: Long): Promise<number> {
  return await runSaga({ ...longSaga, workflow: 'goThroughNested' }, async (saga) => {
    const items = await saga.run(nested(longSaga, { name: 'long' }), long);
    await saga.run(compensatableNamed('after'), { step: 'after' });
    return items;
  });
}

/** Waits in a loop of timers, for ever. */
export async function waitForEver(options: LongOptions): Promise<void> {
  await runSaga({ ...longSaga, ...options }, async (saga) => {
    await saga.run(compensatableNamed('item'), { step: 'item' });
    for (;;) await sleep(1);
  });
}

const once = async (saga: Saga) => void (await saga.run(compensatableNamed('item'), { step: 'item' }));

/** Continues as new when its saga has ended. */
export async function onceMore(): Promise<void> {
  await runSaga({ ...longSaga, workflow: 'onceMore' }, once);
  await continueAsNew<typeof onceMore>();
}

/** Continues as new before its saga begins. */
export async function firstElse(): Promise<void> {
  if (!workflowInfo().continuedFromExecutionRunId) await continueAsNew<typeof firstElse>();
  await runSaga({ ...longSaga, workflow: 'firstElse' }, once);
}

/** Begins a second saga. */
export async function twice(): Promise<void> {
  await runSaga({ ...longSaga, workflow: 'twice' }, once);
  await runSaga({ ...longSaga, workflow: 'twice' }, once);
}
