import { runSaga } from 'unwind/saga';
import { booking, hold, pay } from './steps.js';

export { rescueSaga } from 'unwind/saga';

export async function book({ seat }: { seat: string }): Promise<{ held: string }> {
  return await runSaga(booking, async (saga) => {
    const held = await saga.run(hold, { seat });
    await saga.run(pay, { seat });
    return held;
  });
}
