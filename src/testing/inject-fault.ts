import { SagaClientError } from '../client';
import { type DeskDecision, resolveStep, retryStep, type StepReport } from '../saga';
import { askForReport } from './ask';
import type { Fault } from './fault';
import type { InjectedFault } from './injected-fault';
import type { RunningSaga } from './running-saga';
import { injectReset } from './inject-reset';
import { unpolledQueue } from './environment';

/** The part of a fault that comes from outside the participants, while the saga runs. */
export async function injectDuring(injected: InjectedFault, running: RunningSaga): Promise<void> {
  const { participants } = running;
  const { kind } = injected.fault;
  switch (kind) {
    case 'cancel':
      await injected.held;
      await holdOtherAnswers(running);
      injected.fired = await cancelUntilReported(injected, running);
      participants.releaseAnswers();
      return injected.release();
    case 'worker-restart':
      await injected.held;
      await running.stage.restartWorkers();
      injected.fired = true;
      return injected.release();
    case 'stray-decision':
      await injected.held;
      injected.fired = await decideInVain(injected, running);
      return injected.release();
    case 'compensation-never-works':
      return await resolveAtDesk(injected, running);
    case 'no-worker':
      return await serveWhenStuck(injected, running);
    case 'reset':
      await injected.held;
      await injectReset(injected, running);
      return injected.release();
    case 'refused':
    case 'unknown-before':
    case 'unknown-after':
    case 'hanging-action':
      if (!injected.beforeFailure) return;
      await injected.held;
      await running.stage.until(async () => (await stateAt(running, injected.fault)) !== 'running');
      return participants.releaseAnswers();
    case 'transient':
    case 'late-duplicate':
    case 'compensation-refuses':
    case 'deadline':
    case 'reset-when-over':
    case 'lost-task':
  }
}

/** A run that was reset is given no cancel request of the run before it, so it is asked as well. */
async function cancelUntilReported({ fault }: InjectedFault, running: RunningSaga): Promise<boolean> {
  const { sagaId, client, stage } = running;
  const asked = new Set<string>();
  return await stage.until(async () => {
    const { runId, status } = await client.temporal.workflow.getHandle(sagaId).describe();
    if (status.name === 'RUNNING' && !asked.has(runId)) await client.cancel(sagaId);
    asked.add(runId);
    return await hasReportedCancel(running, fault);
  });
}

/**
 * A saga that is a step is asked to cancel by the one that it is a step of, unless that was reset to before its start; its own undoing
 * never is.
 */
async function hasReportedCancel(running: RunningSaga, { at }: Fault): Promise<boolean> {
  const { sagaId, participants } = running;
  const operation = participants.operations.get(at);
  const { cancel, steps } = await askForReport(running, sagaId);
  if (cancel === undefined) return false;
  if (operation?.call.op !== 'do' || operation.workflowId === sagaId) return true;
  if (steps.some(({ stuck }) => stuck?.code === 'NESTED_STARTED_BEFORE')) return true;
  return (await askForReport(running, operation.workflowId)).cancel !== undefined;
}

/**
 * Holds back all other answers, and waits until the saga knows those that were given. What makes a saga unwind asks the
 * server to cancel what is in flight, and the time-skipping server loses a workflow task that asks to cancel an
 * activity which completed meanwhile. So what is in flight then is in flight until the saga unwinds.
 */
export async function holdOtherAnswers(running: RunningSaga): Promise<void> {
  const { participants, stage } = running;
  participants.holdAnswers();
  await stage.until(async () => {
    for (const operation of participants.answered) {
      const { workflowId, call } = operation;
      if (!participants.isToldAtOnce(operation)) continue;
      if ((await stateOf(running, workflowId, call.step)) === 'running') return false;
    }
    return true;
  });
}

async function stateOf(running: RunningSaga, workflowId: string, step: string): Promise<string | undefined> {
  return (await askForReport(running, workflowId)).steps.find(({ name }) => name === step)?.state;
}

async function stateAt(running: RunningSaga, { at }: Fault): Promise<string | undefined> {
  const operation = running.participants.operations.get(at);
  return operation && (await stateOf(running, operation.workflowId, operation.call.step));
}

/**
 * S5, S6: the saga must show that it is stuck, and where; then an operator undoes the step by hand and says so. A saga
 * that is a step shows in the one that it is a step of, and has a desk of its own.
 */
async function resolveAtDesk(injected: InjectedFault, running: RunningSaga): Promise<void> {
  const { sagaId, client, stage, participants, problem } = running;
  const [step = ''] = stepOf(injected.fault).split('.');
  const hasArrived = () => participants.operations.has(injected.fault.at);
  await waitUntilStuck(running, ({ name, stuck }) => name === step && stuck !== undefined && hasArrived());
  const outcome = await client.outcome(sagaId);
  if (outcome.kind !== 'stuck')
    return problem(`visibility shows it ${outcome.kind}, and not stuck at ${step}`);
  injected.fired = true;
  const stuck = (await askForReport(running, sagaId)).steps.filter((one) => one.stuck);
  if (outcome.step !== step && stuck.length === 1)
    problem(`visibility shows it stuck at ${outcome.step}, not at ${step}`);
  const { status } = await askForReport(running, sagaId);
  const state = await stateOf(running, sagaId, step);
  if (status !== 'stuck' || state !== 'stuck') {
    problem(`it is stuck at ${step}, and its report says ${status}, ${step}: ${state ?? 'nothing'}`);
  }
  await participants.doByHand(injected.fault.at);
  const { workflowId = sagaId, call } = participants.operations.get(injected.fault.at) ?? {};
  const decision: DeskDecision = { step: call?.step ?? step, actor: 'test kit', reason: 'undone by hand' };
  // The decision cancels the pause before the next round, and the server does not survive that it ends at this moment.
  await stage.holdClock(() => client.update(workflowId, resolveStep, decision));
  injected.resolve();
}

/** Waits until a saga is seen to be stuck, and a step is; or until it is over. Another fault may make it stuck elsewhere before. */
async function waitUntilStuck(running: RunningSaga, isStuck: (step: StepReport) => boolean): Promise<void> {
  const { sagaId, client, stage } = running;
  await stage.until(async () => {
    const { kind } = await client.outcome(sagaId);
    return kind === 'stuck' ? (await askForReport(running, sagaId)).steps.some(isStuck) : kind !== 'running';
  });
}

/** S6: what an operator decides about a step that is not stuck is refused with a code, and nothing comes of it. */
async function decideInVain(
  { fault }: InjectedFault,
  { client, participants, problem }: RunningSaga,
): Promise<boolean> {
  const { workflowId, call } = participants.operations.get(fault.at) ?? {};
  if (workflowId === undefined || !call) return false;
  const decision: DeskDecision = { step: call.step, actor: 'test kit', reason: 'nobody has asked' };
  for (const verb of [retryStep, resolveStep]) {
    try {
      await client.update(workflowId, verb, decision);
      problem(`the desk accepts ${verb.name} for ${call.step}, which is not stuck`);
    } catch (error) {
      if (!(error instanceof SagaClientError)) throw error;
    }
  }
  return true;
}

/** S19: the saga must show that no worker takes the operation, also where that is one of a saga that is a step. */
async function serveWhenStuck(injected: InjectedFault, running: RunningSaga): Promise<void> {
  const { sagaId, stage, problem } = running;
  const [step = ''] = stepOf(injected.fault).split('.');
  await waitUntilStuck(running, ({ name, stuck }) => name === step && stuck?.code === 'NO_WORKER');
  const { steps } = await askForReport(running, sagaId);
  const stuck = steps.filter((one) => one.stuck).map((one) => `${one.name}: ${one.stuck?.code}`);
  injected.fired = stuck.includes(`${step}: NO_WORKER`);
  if (!injected.fired && stuck.length > 0)
    problem(`no worker took ${injected.fault.at}, and stuck is ${stuck.join(', ')}`);
  await stage.serve(unpolledQueue(sagaId));
}

/** The part of a fault that comes when the saga is over: what arrives then must have no effect. */
export async function injectAfter(
  injected: InjectedFault,
  { participants, problem }: RunningSaga,
): Promise<void> {
  const { kind, at } = injected.fault;
  if (kind !== 'late-duplicate' && kind !== 'hanging-action') return;
  const effects = participants.effects.length;
  const step = stepOf(injected.fault);
  const answer = await participants.deliverAgain(`do ${step}`);
  if (kind === 'late-duplicate') injected.fired = answer !== undefined && participants.operations.has(at);
  if (kind === 'hanging-action' && answer === 'answered')
    problem(`${at} arrived after the saga was over, and was answered: nothing had blocked it`);
  if (participants.effects.length > effects) problem(`${at} had an effect when the saga was over`);
}

export function stepOf({ at }: Fault): string {
  return at.slice(at.indexOf(' ') + 1);
}
