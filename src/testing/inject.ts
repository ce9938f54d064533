import { WorkflowNotFoundError } from '@temporalio/client';
import type { SagaOutcome } from '../client';
import { isReset } from './fault';
import { injectAfter, injectDuring } from './inject-fault';
import { injectReset, waitForCloseAfterResets } from './inject-reset';
import type { InjectedFault } from './injected-fault';
import type { RunningSaga } from './running-saga';

/** Has a saga meet its faults, until it is over. */
export async function injectAll(
  running: RunningSaga,
  injected: readonly InjectedFault[],
): Promise<SagaOutcome<unknown>> {
  const losses = injected.map(({ fault: { kind, to } }) =>
    kind === 'lost-task' && to
      ? running.stage.loseTask(`${running.sagaId}${to.workflow}`, to.task)
      : () => false,
  );
  const closed = waitForCloseInTime(running, injected);
  const asking = untilClosed(running, closed);
  const injections = injected.map((one) => Promise.race([injectDuring(one, asking), closed]));
  for (const injection of await Promise.allSettled(injections)) {
    if (injection.status === 'rejected') running.problem(`the fault went wrong: ${String(injection.reason)}`);
  }
  let outcome = await closed;
  for (const one of injected.filter(({ fault }) => fault.kind === 'reset-when-over')) {
    outcome = await resetWhenOver(one, running);
  }
  for (const one of injected) await injectAfter(one, running);
  for (const [index, one] of injected.entries()) one.fired ||= losses[index]?.() ?? false;
  return outcome;
}

/** Who waits for something of a saga that is over waits no longer. */
function untilClosed(running: RunningSaga, closed: Promise<unknown>): RunningSaga {
  const { stage } = running;
  let isClosed = false;
  closed.then(
    () => (isClosed = true),
    () => (isClosed = true),
  );
  const until = async (holds: () => Promise<boolean>) => {
    let held = false;
    await stage.until(async () => isClosed || (held = await holds()));
    return held;
  };
  return { ...running, stage: { ...stage, until } };
}

/** Resets a saga that is over, or one that was nested in it, and waits until all is over again. */
async function resetWhenOver(injected: InjectedFault, running: RunningSaga): Promise<SagaOutcome<unknown>> {
  try {
    await injectReset(injected, running);
  } catch (error) {
    // Another fault has kept the nested saga from beginning.
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
  const workflow = injected.fault.to?.workflow ?? '';
  if (workflow !== '' && injected.fired)
    await waitForCloseInTime(running, [injected], `${running.sagaId}${workflow}`);
  return await waitForCloseInTime(running, [injected]);
}

async function waitForCloseInTime(
  running: RunningSaga,
  injected: readonly InjectedFault[],
  id = running.sagaId,
): Promise<SagaOutcome<unknown>> {
  const { client, participants, stage } = running;
  const timer = new AbortController();
  const tooLate = stage
    .tooLate(timer.signal, () => participants.workflowIds)
    .then(async () => {
      if (timer.signal.aborted) return await client.outcome(id);
      await client.temporal.workflow.getHandle(id).terminate('it did not end in time');
      return await client.waitForClose(id);
    });
  tooLate.catch(() => undefined);
  try {
    const wasReset = injected.some(({ fault }) => isReset(fault));
    const closed = wasReset ? waitForCloseAfterResets(running, injected, id) : client.waitForClose(id);
    return await Promise.race([closed, tooLate]);
  } finally {
    timer.abort();
  }
}
