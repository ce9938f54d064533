import { type DeskDecision, resolveStep } from '../saga';
import { askForReport } from './ask';
import type { Fault } from './fault';
import type { InjectedFault } from './injected-fault';
import type { RunningSaga } from './running-saga';
import { injectReset } from './inject-reset';
import { unpolledQueue } from './environment';

/** The part of a fault that comes from outside the participants, while the saga runs. */
export async function injectDuring(injected: InjectedFault, running: RunningSaga): Promise<void> {
  const { sagaId, client, participants } = running;
  const { kind } = injected.fault;
  switch (kind) {
    case 'cancel':
      await injected.held;
      await holdOtherAnswers(running);
      await client.cancel(sagaId);
      injected.fired = await running.stage.until(() => hasReportedCancel(running, injected.fault));
      participants.releaseAnswers();
      return injected.release();
    case 'worker-restart':
      await injected.held;
      await running.stage.restartWorkers();
      injected.fired = true;
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
  }
}

/** A saga that is a step is asked to cancel by the one that it is a step of; its own undoing never is. */
async function hasReportedCancel(
  { sagaId, client, participants }: RunningSaga,
  { at }: Fault,
): Promise<boolean> {
  const operation = participants.operations.get(at);
  const asked = operation?.call.op === 'do' ? [sagaId, operation.workflowId] : [sagaId];
  const reports = await Promise.all(asked.map((id) => askForReport(client, id)));
  return reports.every(({ cancel }) => cancel !== undefined);
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
    for (const { workflowId, call } of participants.answered) {
      if ((await stateOf(running, workflowId, call.step)) === 'running') return false;
    }
    return true;
  });
}

async function stateOf(
  { client }: RunningSaga,
  workflowId: string,
  step: string,
): Promise<string | undefined> {
  return (await askForReport(client, workflowId)).steps.find(({ name }) => name === step)?.state;
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
  await stage.until(async () => (await client.outcome(sagaId)).kind !== 'running');
  const outcome = await client.outcome(sagaId);
  if (outcome.kind !== 'stuck')
    return problem(`visibility shows it ${outcome.kind}, and not stuck at ${step}`);
  injected.fired = true;
  if (outcome.step !== step) problem(`visibility shows it stuck at ${outcome.step}, not at ${step}`);
  const { status } = await askForReport(client, sagaId);
  const state = await stateOf(running, sagaId, step);
  if (status !== 'stuck' || state !== 'stuck') {
    problem(`it is stuck at ${step}, and its report says ${status}, ${step}: ${state ?? 'nothing'}`);
  }
  participants.undoByHand(injected.fault.at);
  const { workflowId = sagaId, call } = participants.operations.get(injected.fault.at) ?? {};
  const decision: DeskDecision = { step: call?.step ?? step, actor: 'test kit', reason: 'undone by hand' };
  // The decision cancels the pause before the next round, and the server does not survive that it ends at this moment.
  await stage.holdClock(() => client.update(workflowId, resolveStep, decision));
  injected.resolve();
}

/** S19: the saga must show that no worker takes the operation, also where that is one of a saga that is a step. */
async function serveWhenStuck(injected: InjectedFault, running: RunningSaga): Promise<void> {
  const { sagaId, client, stage, problem } = running;
  const [step = ''] = stepOf(injected.fault).split('.');
  await stage.until(async () => (await client.outcome(sagaId)).kind !== 'running');
  const { steps } = await askForReport(client, sagaId);
  const stuck = steps.filter((one) => one.stuck).map((one) => `${one.name}: ${one.stuck?.code}`);
  injected.fired = stuck.includes(`${step}: NO_WORKER`);
  if (!injected.fired)
    problem(`no worker took ${injected.fault.at}, and stuck is ${stuck.join(', ') || 'nothing'}`);
  await stage.serve(unpolledQueue(sagaId));
}

/** The part of a fault that comes when the saga is over: what arrives then must have no effect. */
export function injectAfter(injected: InjectedFault, { participants, problem }: RunningSaga): void {
  const { kind, at } = injected.fault;
  if (kind !== 'late-duplicate' && kind !== 'hanging-action') return;
  const effects = participants.effects.length;
  const step = stepOf(injected.fault);
  const answer = participants.deliverAgain(`do ${step}`);
  if (kind === 'late-duplicate') injected.fired = answer !== undefined && participants.operations.has(at);
  if (kind === 'hanging-action' && answer !== 'blocked') {
    problem(
      `${at} arrived after the saga was over, and was ${answer ?? 'never seen'}: nothing had blocked it`,
    );
  }
  if (participants.effects.length > effects) problem(`${at} had an effect when the saga was over`);
}

export function stepOf({ at }: Fault): string {
  return at.slice(at.indexOf(' ') + 1);
}
