import { runSaga } from '../../src/saga';
import { carry, carrying, handing, looping, seal, spreading, take, tell, type Use } from './limit-steps';

export { rescueSaga } from '../../src/saga';

const filled = (bytes: number) => ({ filler: 'x'.repeat(bytes) });

/** One cheap step after another, for as long as there is room. */
export async function loop({ steps, bytes }: Use): Promise<number> {
  return await runSaga(looping, async (saga) => {
    for (let step = 0; step < steps; step++) await saga.run(take, filled(bytes));
    return steps;
  });
}

/** All its steps at once. */
export async function spread({ steps, bytes }: Use): Promise<number> {
  return await runSaga(spreading, async (saga) => {
    await Promise.all(Array.from({ length: steps }, () => saga.run(take, filled(bytes))));
    return steps;
  });
}

/** Is nested: what it answers is enough to reverse it. */
export async function carryAll({ steps, bytes }: Use): Promise<number> {
  return await runSaga(carrying, async (saga) => {
    for (let step = 0; step < steps; step++) await saga.run(take, filled(bytes));
    return steps;
  });
}

/** Has a saga as a step, and a refusal after it. */
export async function handOver({ id, steps, bytes }: Use): Promise<number> {
  return await runSaga(handing, async (saga) => {
    await saga.run(carry, { id: `${id}-carried`, steps, bytes });
    await saga.run(take, filled(0));
    const committed = await saga.pivot(seal, filled(0));
    await committed.run(tell, filled(0));
    return steps;
  });
}
