import { defineSignal, setHandler, sleep } from '@temporalio/workflow';
import { runSaga, type SagaScope, StepRefused, StepUnknown } from '../../src/saga';
import { detour, type Excursion, excursion, pay, swim, tour, visit, walk } from './excursion-steps';

export { rescueSaga } from '../../src/saga';

export const sunshine = defineSignal('sunshine');

/** The shapes that the order and the trip do not have. */
export async function makeExcursion({ id, branching, slow }: Excursion): Promise<string> {
  return await runSaga(excursion, async (saga) => {
    let sunny = false;
    setHandler(sunshine, () => void (sunny = true));
    // A body that changes what it has sent (S21).
    const changing = { place: `the station of ${id}` };
    await saga.run(visit, changing);
    changing.place = 'changed';
    // A failure that the body catches.
    await saga.run(detour, { place: 'lake' }).catch(ignoreFailure);
    // Branches that go on while another one may fail.
    const then = async (place: string) => void (branching && (await saga.run(visit, { place })));
    await Promise.all([
      saga.run(slow ? tour : visit, { place: 'castle' }).then(async () => {
        await sleep('5 seconds');
        await saga.run(visit, { place: 'tower' });
      }),
      saga.run(visit, { place: 'museum' }).then(async () => await then('shop')),
      saga.run(visit, { place: 'park' }).then(async () => await then('pond')),
    ]);
    // A save-point with two at once, and after another step.
    await saga
      .attempt(async (scope) => await both(scope, 'cafe', 'garden'))
      .or(async (scope) => await both(scope, 'bar', 'bridge'));
    if (!(await saga.waitFor('sunshine', () => sunny, '2 minutes'))) await saga.run(walk, { place: 'town' });
    else await saga.run(swim, { place: 'beach' });
    const committed = await saga.pivot(pay, { place: 'desk' });
    return committed.output.place;
  });
}

async function both(scope: SagaScope, one: string, other: string): Promise<void> {
  await Promise.all([scope.run(visit, { place: one }), scope.run(visit, { place: other })]);
}

function ignoreFailure(error: unknown): void {
  if (!(error instanceof StepRefused || error instanceof StepUnknown)) throw error;
}
