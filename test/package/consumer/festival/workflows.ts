import { ApplicationFailure, condition, defineSignal, setHandler, sleep } from '@temporalio/workflow';
import { runSaga } from 'unwind/saga';
import {
  bookPlace,
  night,
  printTicket,
  rentBedding,
  requestTransfer,
  reserveSeat,
  settle,
  spendNight,
  transferState,
  type Visit,
  visit,
} from './steps.js';

export { rescueSaga } from 'unwind/saga';

export const approve = defineSignal('approve');

export async function visitFestival(request: Visit): Promise<readonly string[]> {
  return await runSaga(visit, async (saga) => {
    const { visitId, guests } = request;
    let approved = false;
    setHandler(approve, () => void (approved = true));

    for (const guest of guests) await saga.run(reserveSeat, { visitId, guest });
    await saga.run(spendNight, request);

    const transfer = await saga.run(requestTransfer, { visitId, amount: 40_00 * guests.length });
    const { reference } = transfer;
    for (let asked = 1; !(await saga.run(transferState, { reference, asked })).settled; asked++)
      await sleep('30 seconds');

    if (!(await condition(() => approved, '7 days')))
      throw ApplicationFailure.nonRetryable('nobody has approved it', 'NOT_APPROVED');
    const committed = await saga.pivot(settle, { reference });
    const printed = await Promise.all(guests.map((guest) => committed.run(printTicket, { visitId, guest })));
    return printed.map((ticket) => ticket.reference);
  });
}

export { nightBefore as spendNight };
async function nightBefore(request: Visit): Promise<{ reference: string }> {
  return await runSaga(night, async (saga) => {
    const { visitId } = request;
    return await saga
      .attempt(async (scope) => await scope.run(bookPlace, { visitId, kind: 'hotel' }))
      .or(async (scope) => {
        const tent = await scope.run(bookPlace, { visitId, kind: 'tent' });
        await scope.run(rentBedding, { visitId, kind: 'tent' });
        return tent;
      });
  });
}
