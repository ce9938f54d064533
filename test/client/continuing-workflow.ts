import { condition, continueAsNew, defineSignal, setHandler } from '@temporalio/workflow';
import { awaitMilestone, defineSaga } from '../../src/saga';

/** How often it is still to continue as new; before that it waits for a signal, unless it is eager. */
export interface Continuing {
  readonly id: string;
  readonly times: number;
  readonly eager?: boolean;
}

export const continuingSaga = defineSaga<Continuing, string>({
  workflow: 'runContinuing',
  taskQueue: 'continuing',
  idOf: ({ id }) => id,
});

export const goOn = defineSignal('goOn');

/** Goes on in another run, as a saga with a long history does, and answers for its milestone in the last one. */
export async function runContinuing(input: Continuing): Promise<string> {
  const isLast = input.times === 0;
  let signalled = !isLast && (input.eager ?? false);
  setHandler(goOn, () => void (signalled = true));
  let waiting = 0;
  setHandler(awaitMilestone, async (milestone) => {
    waiting += 1;
    await condition(() => isLast);
    waiting -= 1;
    return { kind: 'reached', milestone, value: input.times };
  });
  await condition(() => signalled);
  if (!isLast) await continueAsNew<typeof runContinuing>({ ...input, times: input.times - 1 });
  await condition(() => waiting === 0);
  return 'done';
}
