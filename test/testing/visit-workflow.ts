import { proxyActivities, workflowInfo } from '@temporalio/workflow';
import { type Operation, runSaga, type StepCall } from '../../src/saga';
import { book, borrow, look, pay, rent, thank, type Visit, visiting } from './visit';

export async function visit(input: Visit): Promise<string> {
  return await runSaga(visiting('visit'), async (saga) => {
    await saga.run(book, input);
    await saga.attempt((scope) => scope.run(rent, input)).or((scope) => scope.run(borrow, input));
    const committed = await saga.pivot(pay, input);
    return (await committed.run(thank, input)).done;
  });
}

/** Looks before it books. */
export async function curious(input: Visit): Promise<string> {
  return await runSaga(visiting('curious'), async (saga) => {
    await saga.run(look, input);
    return (await saga.run(book, input)).done;
  });
}

/** Books behind the engine's back, so that nothing undoes it. */
export async function forgetful(input: Visit): Promise<string> {
  return await runSaga(visiting('forgetful'), async (saga) => {
    await byHand('do', 'book', 'book', input, 1);
    return (await saga.run(rent, input)).done;
  });
}

/** Undoes what it did in the order in which it did it. */
export async function hasty(input: Visit): Promise<string> {
  return await runSaga(visiting('hasty'), async (saga) => {
    await byHand('do', 'book', 'book', input, 1);
    await byHand('do', 'rent', 'rent', input, 3);
    try {
      await byHand('do', 'borrow', 'borrow', input, 5);
      return (await saga.run(borrow, input)).done;
    } catch (error) {
      await byHand('undo', 'book', 'unbook', { input });
      await byHand('undo', 'rent', 'giveBack', { input });
      throw error;
    }
  });
}

/** Completes although a step failed of which nobody knows whether it happened. */
export async function careless(input: Visit): Promise<string> {
  return await runSaga(visiting('careless'), async (saga) => {
    await byHand('do', 'book', 'book', input, 1).catch(() => undefined);
    return (await saga.run(rent, input)).done;
  });
}

async function byHand(op: Operation, step: string, activity: string, argument: unknown, began?: number) {
  const { namespace, workflowId: sagaId } = workflowInfo();
  const call: StepCall = {
    ...{ namespace, sagaId, step, op, key: `${namespace}/${sagaId}/${step}/${op}`, kind: 'compensatable' },
    ...(began !== undefined && { began }),
  };
  const activities = proxyActivities<Record<string, (argument: unknown, call: StepCall) => Promise<unknown>>>(
    {
      taskQueue: 'shop',
      startToCloseTimeout: '10s',
      retry: { maximumAttempts: 3 },
    },
  );
  await activities[activity]?.(argument, call);
}
