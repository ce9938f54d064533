import { defineUpdate, setHandler } from '@temporalio/workflow';
import { compensatable, defineSaga, participant, runSaga, type Saga } from '../../src/saga';
import { compensatableNamed, pivotNamed, type WorldActivities } from './program-steps';

export { rescueSaga } from '../../src/saga';

const world = participant<WorldActivities>({ name: 'world', taskQueue: 'world' });

/** A step whose declaration says more than its names. */
const described = (name: string, summary: (input: { step: string }) => string) =>
  compensatable(world, { name, action: 'act', compensation: 'takeBack', refusals: ['NO'], summary });

const run = (saga: Saga, step: string) => saga.run(compensatableNamed(step), { step });

/** Bodies that use plain JavaScript in every way it offers. Each is a saga's body, by name. */
const bodies = {
  /** S21: an input and an answer that are changed after the call. */
  async mutates(saga: Saga) {
    const input = { step: 'a' };
    const answer = await saga.run(compensatableNamed('a'), input);
    input.step = 'changed';
    (answer as { did: string }).did = 'changed';
    await run(saga, 'b');
  },
  /** S21: an input that is changed while the action runs. */
  async mutatesAtOnce(saga: Saga) {
    const input = { step: 'a' };
    const running = saga.run(compensatableNamed('a'), input);
    input.step = 'changed';
    await running;
    await run(saga, 'b');
  },
  /** S21: a function of the declaration that changes what it is given. */
  async summaryMutates(saga: Saga) {
    const step = described('a', (input) => {
      (input as { step: string }).step = 'changed';
      return 'a summary';
    });
    await saga.run(step, { step: 'a' });
    await run(saga, 'b');
  },
  /** S12: functions of the declaration that throw. */
  async summaryThrows(saga: Saga) {
    const step = described('a', () => {
      throw new Error('a bug in the summary');
    });
    await saga.run(step, { step: 'a' });
    await run(saga, 'b');
  },
  async any(saga: Saga) {
    await run(saga, 'a');
    await Promise.any([run(saga, 'b'), run(saga, 'c')]);
  },
  async anyWithBug(saga: Saga) {
    await run(saga, 'a');
    await Promise.any([run(saga, 'b'), Promise.reject(new TypeError('a bug in the body'))]);
  },
  async inTurn(saga: Saga) {
    const a = run(saga, 'a');
    const b = run(saga, 'b');
    await a;
    await b;
  },
  async inTurnThroughFunctions(saga: Saga) {
    const a = (async () => await run(saga, 'a'))();
    const b = (async () => await run(saga, 'b'))();
    await a;
    await b;
  },
  async inTurnBehindSavePoints(saga: Saga) {
    const a = saga.attempt((scope) => scope.run(compensatableNamed('a'), { step: 'a' }));
    const b = saga.attempt((scope) => scope.run(compensatableNamed('b'), { step: 'b' }));
    await a;
    await b;
  },
  async wraps(saga: Saga) {
    await run(saga, 'a');
    try {
      await run(saga, 'b');
    } catch (cause) {
      throw new Error('could not do b', { cause });
    }
  },
  async throwsText(saga: Saga) {
    await run(saga, 'a');
    // eslint-disable-next-line @typescript-eslint/only-throw-error -- JavaScript allows it.
    throw 'no';
  },
  async allSettled(saga: Saga) {
    const [a, b] = await Promise.allSettled([run(saga, 'a'), run(saga, 'b')]);
    for (const each of [a, b]) if (each.status === 'rejected') throw each.reason;
  },
  async forgets(saga: Saga) {
    void run(saga, 'b');
    await run(saga, 'a');
  },
  async withFinally(saga: Saga) {
    try {
      await run(saga, 'a');
      await run(saga, 'b');
    } finally {
      await run(saga, 'c');
    }
  },
  async iterates(saga: Saga) {
    async function* steps() {
      for (const step of ['a', 'b']) yield await run(saga, step);
    }
    for await (const _ of steps());
  },
  async raced(saga: Saga) {
    await Promise.race([run(saga, 'a'), run(saga, 'b')]);
    await run(saga, 'c');
  },
  async throwsAtOnce(saga: Saga) {
    const running = run(saga, 'a');
    await Promise.reject(Object.assign(new Error('two things'), { errors: [] })).catch(() => running);
    await run(saga, 'b');
  },
  /** An Update decides; the body may be unwinding by then. */
  async reviewed(saga: Saga) {
    await run(saga, 'a');
    let approved = false;
    setHandler(
      approve,
      () => {
        approved = true;
        return 'approved';
      },
      {
        validator: () => {
          if (saga.isEnding) throw new Error('REVIEW_NOT_PENDING');
        },
      },
    );
    await saga.waitFor('a review', () => approved, '1 hour');
    await run(saga, 'b');
    await saga.pivot(pivotNamed('p'), { step: 'p' });
  },
} satisfies Record<string, (saga: Saga) => Promise<unknown>>;

export const approve = defineUpdate<string>('approve');

export type BodyName = keyof typeof bodies;

export const bodySaga = defineSaga<BodyName, string>({
  workflow: 'runBody',
  taskQueue: 'sagas',
  idOf: (name) => name,
});

/** Runs the named body as a saga. */
export async function runBody(name: BodyName): Promise<string> {
  return await runSaga(bodySaga, async (saga) => {
    await bodies[name](saga);
    return name;
  });
}
