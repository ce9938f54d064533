import { condition, defineSignal, defineUpdate, setCurrentDetails, setHandler } from '@temporalio/workflow';
import { defineSaga, runSaga, type Saga } from '../../src/saga';
import { compensatableNamed, pivotNamed } from './program-steps';

export const release = defineSignal('release');
/** Answered when the saga is released. */
export const awaitRelease = defineUpdate<string>('awaitRelease');

export const shownSaga = defineSaga<undefined, string>({
  workflow: 'shown',
  taskQueue: 'sagas',
  idOf: () => {
    throw new Error('tests name their sagas');
  },
});

/** Passes its pivot, says so in the details, and waits to be released. */
export async function shown(): Promise<string> {
  return await runSaga(shownSaga, async (saga) => {
    let isReleased = false;
    setHandler(release, () => void (isReleased = true));
    setHandler(awaitRelease, async () => {
      await condition(() => isReleased);
      return 'released';
    });
    await firstStep(saga);
    await saga.pivot(pivotNamed('pivot'), { step: 'pivot' });
    setCurrentDetails('The body waits for its release.');
    await untilReleased(() => isReleased);
    return 'done';
  });
}

/* Named, so that a stack trace can show them. */

async function firstStep(saga: Saga): Promise<void> {
  await saga.run(compensatableNamed('first'), { step: 'first' });
}

async function untilReleased(isReleased: () => boolean): Promise<void> {
  await condition(isReleased);
}
