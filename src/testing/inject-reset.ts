import { SagaClientError, type SagaOutcome } from '../client';
import { type DeskDecision, resolveStep, retryStep, skipStep, type StepReport } from '../saga';
import { askForReport } from './ask';
import { isBeforePivot } from './fault';
import { type InjectedFault, isInjected } from './injected-fault';
import { ResettableRun } from './reset';
import type { RunningSaga } from './running-saga';

/** Resets the workflow that the fault names to the point that it names. */
export async function injectReset(injected: InjectedFault, { sagaId, client }: RunningSaga): Promise<void> {
  const { workflow = '', task = 0 } = injected.fault.to ?? {};
  const run = await ResettableRun.of(client.temporal, `${sagaId}${workflow}`);
  await run.resetToTask(task);
  injected.fired = true;
}

/**
 * Waits until a saga has closed that may be reset meanwhile: then the run that is waited for ends, and another one goes on.
 * One that is stuck is helped, if its reason is one that a reset may lead to.
 */
export async function waitForCloseAfterResets(
  running: RunningSaga,
  injected: readonly InjectedFault[],
  id: string,
) {
  const { client, stage, problem } = running;
  const over = new AbortController();
  const helped = helpWhileStuck(running, injected, id, over.signal).catch((error: unknown) => {
    if (!over.signal.aborted) problem(`an operator cannot help: ${String(error)}`);
  });
  try {
    for (;;) {
      const outcome = await client.waitForClose(id);
      if (!isOpen(outcome)) return outcome;
      await stage.sleep(20);
    }
  } finally {
    over.abort();
    await helped;
  }
}

/** Helps a saga that was reset whenever it is stuck for a reason that a reset leads to. */
export async function helpWhileStuck(
  running: RunningSaga,
  injected: readonly InjectedFault[],
  id: string,
  over: AbortSignal,
): Promise<void> {
  const { client, stage, problem } = running;
  const stuckStep = async () => {
    if ((await client.outcome(id)).kind !== 'stuck') return undefined;
    const { steps } = await askForReport(running, id);
    // Of what another fault has done nobody must take care.
    return steps.find(({ stuck }) => stuck && !isInjected(stuck.code));
  };
  const retried = new Set<string>();
  let pause = FIRST_PAUSE_MS;
  while (!over.aborted) {
    await stage.sleep(pause);
    await stage.until(async () => over.aborted || (await stuckStep()) !== undefined);
    const step = over.aborted ? undefined : await stuckStep();
    if (!step?.stuck) continue;
    for (const one of injected) one.stuckFor = step.stuck.code;
    const wrongReason = await findWrongReason(running, id, step);
    if (wrongReason !== undefined) {
      problem(wrongReason);
      await client.temporal.workflow.getHandle(id).terminate(wrongReason);
      return;
    }
    // Who is refused again and again asks less and less often.
    const taken = await isTaken(help(running, id, step, retried.has(step.name)));
    pause = taken ? FIRST_PAUSE_MS : 2 * pause;
    if (taken && step.stuck.code === PAST_PIVOT) retried.add(step.name);
  }
}

/** @param again whether the step is stuck although it was retried before. */
async function help(
  running: RunningSaga,
  id: string,
  { name, stuck }: StepReport,
  again: boolean,
): Promise<unknown> {
  const { client, participants } = running;
  const decision: DeskDecision = { step: name, actor: 'test kit', reason: 'looked at it' };
  switch (stuck?.code) {
    case PAST_PIVOT:
      // A pivot that declares no compensation stays done.
      return await client.update(id, again ? skipStep : retryStep, decision);
    case KEY_CONFLICT: {
      const output = await participants.doByHand(`do ${name}`);
      return await client.update(id, resolveStep, { ...decision, output });
    }
    default:
      await undoNested(running, `${id}.${name}`);
      return await client.update(id, resolveStep, decision);
  }
}

const FIRST_PAUSE_MS = 100;

/** The step may have got through by itself in the meantime. */
async function isTaken(deciding: Promise<unknown>): Promise<boolean> {
  try {
    await deciding;
    return true;
  } catch (error) {
    if (!(error instanceof SagaClientError)) throw error;
    return false;
  }
}

const PAST_PIVOT = 'RESET_PAST_PIVOT';
/** The saga goes another way than before the reset, and what happened then after its pivot stays: what is true now, people decide. */
const KEY_CONFLICT = 'KEY_CONFLICT';

/** What is wrong with the reason for which a saga is stuck, if anything is. */
async function findWrongReason(
  { client }: RunningSaga,
  id: string,
  { name, stuck, kind: stepKind, leftover, compensation }: StepReport,
): Promise<string | undefined> {
  const says = `${id} is stuck at ${name} with ${stuck?.code} (${stuck?.message})`;
  if (stuck?.code === PAST_PIVOT) return leftover && stepKind === 'pivot' ? undefined : says;
  if (stuck?.code === KEY_CONFLICT) return compensation || isBeforePivot(stepKind) ? says : undefined;
  if (stuck?.code === 'FAILED' && (await client.outcome(`${id}.${name}-reverse`)).kind === 'terminated')
    return undefined;
  if (stuck?.code !== 'NESTED_ENDED_BY_FORCE') return stuck?.code.startsWith('NESTED_') ? undefined : says;
  const { kind } = await client.outcome(`${id}.${name}`);
  return kind === 'terminated' ? undefined : `${says}, and that saga is ${kind}`;
}

/** As an operator does it who learns that a nested saga was terminated. */
async function undoNested(
  { client, stage }: Pick<RunningSaga, 'client' | 'stage'>,
  id: string,
): Promise<void> {
  // It may be told to end, or go on for itself.
  const { kind } = await client.waitForClose(id);
  const why = kind === 'terminated' ? 'rescue' : 'reverse';
  try {
    const { rescueId } = await client[why](id);
    await client.waitForClose(rescueId);
  } catch (error) {
    if (!(error instanceof SagaClientError)) throw error;
    if (error.code === 'NOTHING_TO_UNDO') return;
    if (error.code === 'RESCUE_OF_EARLIER_RUN') await client.waitForClose(`${id}-${why}`);
    // Its worker has not learned yet that it was terminated.
    else if (error.code === 'SAGA_RUNNING') await stage.sleep(10_000);
    else throw error;
    await undoNested({ client, stage }, id);
  }
}

function isOpen({ kind }: SagaOutcome<unknown>): boolean {
  return kind === 'running' || kind === 'stuck';
}
