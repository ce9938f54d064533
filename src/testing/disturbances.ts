import { abandonSaga, resolveStep, retryStep, skipStep, type Signature, type StepReport } from '../saga';
import type { OperationName } from './fault';
import type { Operator } from './operator';
import type { RunningSaga } from './running-saga';
import type { Simulation } from './simulation/simulation';

/** What a schedule is like. */
interface Course {
  readonly isOver: () => boolean;
  /** A step does not work for a time, so that an operator is needed. */
  readonly isBroken: boolean;
}

/** How long an operator thinks: at once, or until a round of attempts is about to begin, or has begun. */
const THINKS_MS = [0, 59_990, 60_010, 62_000, 240_000];

/** How long an operator waits for a participant. */
const GIVES_UP_MS = 60_000;

/**
 * What clients and operators do to a saga in a schedule, each when so much has happened. Schedules that were kept name them by
 * their index, so others are added at the end.
 */
export async function disturb(
  simulation: Simulation,
  running: RunningSaga,
  operator: Operator,
  { isOver, isBroken }: Course,
): Promise<void> {
  const { sagaId, client, participants } = running;
  const progress = () => simulation.historyOf(sagaId).length + participants.ticks;
  const ask = () => client.report(sagaId);
  const cancel = () => client.cancel(sagaId);
  const restart = async () => await Promise.resolve(simulation.restartWorkers());
  const help = () => decide(simulation, running, isOver);
  const terminate = async () => {
    const ids = participants.workflowIds;
    const chosen = ids[simulation.pick(ids.length + 1)];
    for (const id of chosen === undefined ? ids.reverse() : [chosen]) await operator.terminate(id);
  };
  // The rarer the longer a saga takes after it.
  const disturbances = [
    ask,
    cancel,
    restart,
    ask,
    cancel,
    () => operator.reset(simulation.pick(8)),
    async () => await Promise.resolve(simulation.restartServer()),
    help,
    terminate,
  ];
  const count = Math.max(simulation.pick(3), isBroken ? 1 : 0);
  for (let index = 0; index < count; index++) {
    const disturbance = isBroken && index === 0 ? help : disturbances[simulation.pick(disturbances.length)];
    const then = progress() + simulation.pick(24);
    await simulation.when(() => isOver() || progress() > then);
    await disturbance?.().catch(() => undefined);
  }
}

/** An operator waits until the saga is stuck, or decides now; in earnest, or because of a misunderstanding. */
async function decide(simulation: Simulation, running: RunningSaga, isOver: () => boolean): Promise<void> {
  const { sagaId, client } = running;
  if (simulation.pick(4) > 0) {
    await simulation.whenTold(async () => (await client.outcome(sagaId)).kind === 'stuck', isOver);
    await simulation.sleep(THINKS_MS[simulation.pick(THINKS_MS.length)] ?? 0);
  }
  const { steps } = await client.report(sagaId);
  const stuck = steps.filter((step) => step.stuck);
  const candidates = stuck.length > 0 ? stuck : steps;
  const step = candidates[simulation.pick(candidates.length)];
  if (!step) return;
  const signature: Signature = { actor: 'an operator', reason: 'looked at it' };
  const decision = { ...signature, step: step.name };
  const verbs = [
    () => client.update(sagaId, retryStep, decision),
    () => resolve(simulation, running, step, signature),
    () => client.update(sagaId, skipStep, decision),
    () => client.update(sagaId, abandonSaga, signature),
  ];
  await verbs[simulation.pick(verbs.length)]?.();
}

/** An operator does by hand what the saga could not do, and says so if it was answered. Nobody can do by hand what is no participant's. */
async function resolve(
  simulation: Simulation,
  { sagaId, client, participants }: RunningSaga,
  { name, compensation, stuck }: StepReport,
  signature: Signature,
): Promise<void> {
  const at: OperationName = `${compensation ? 'undo' : 'do'} ${name}`;
  if (!stuck || !participants.operations.has(at)) return;
  const decision = { ...signature, step: name };
  const done = await Promise.race([
    participants.doByHand(at).then((output) => ({ output })),
    simulation.sleep(GIVES_UP_MS),
  ]);
  if (!done) return;
  const { output } = done;
  await client.update(sagaId, resolveStep, { ...decision, ...(!compensation && { output }) });
}
