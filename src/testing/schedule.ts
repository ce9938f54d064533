import { SagaClient } from '../client';
import { statesOf } from './coverage';
import { disturb } from './disturbances';
import { type SagaTestKit, simulationOf } from './kit';
import type { Observation } from './observation';
import { Operator } from './operator';
import { findBrokenPromises } from './promise';
import { recordsOf } from './records';
import { askedSaga, type RunningSaga } from './running-saga';
import type { SagaUnderTest } from './saga-under-test';
import { stageOf } from './simulated-environment';
import type { HistoryEvent } from './simulation/events';
import type { FaultRates } from './simulation/faults';
import { NoEnd } from './simulation/agenda';
import type { Simulation, SimulationOptions } from './simulation/simulation';
import { participantsIn, type TroubledParticipants, type Troubles } from './troubled-participants';

/** What decides about a schedule. */
export interface Schedule extends SimulationOptions, Troubles {}

/** What came of a schedule. */
export interface ScheduleRun {
  readonly outcome: string;
  /** How the promise was broken. Empty when it was kept. */
  readonly problems: readonly string[];
  /** All choices. Given to another schedule, they repeat this one. */
  readonly choices: readonly number[];
  /** The states that the saga was in, see {@link statesOf}. */
  readonly states: readonly string[];
  /** What happened, a line for each event, and what the participants' ledgers hold. */
  readonly story: readonly string[];
  readonly operations: Observation['operations'];
  readonly history: readonly HistoryEvent[];
}

/** Once in so many times. */
export const RATES: FaultRates = {
  eviction: 20,
  lostTask: 40,
  lostRequest: 30,
  lostAnswer: 30,
  database: 60,
};
/** A saga that is not over then waits for a person. */
const AT_MOST_MS = 7 * 24 * 3_600_000;
/** A workflow task that has failed so often is not waited for: that it has failed is a problem already. */
const FAILING = 3;
/** After it nothing is on its way any more. */
const AFTERWARDS_MS = 3_600_000;

/** A schedule under way. */
interface Run {
  readonly sagaId: string;
  readonly simulation: Simulation;
  readonly troubled: TroubledParticipants;
}

/** Runs a saga in one schedule. That it does not come to an end is a problem of it. */
export async function runSchedule(
  kit: SagaTestKit,
  saga: SagaUnderTest,
  schedule: Schedule,
): Promise<ScheduleRun> {
  const { environment, runs } = simulationOf(kit);
  const input = saga.input('explored');
  const sagaId = saga.definition.idOf(input);
  let run: Run | undefined;
  try {
    const observation = await environment.simulate(schedule, async (simulation) => {
      run = { sagaId, simulation, troubled: participantsIn(simulation, saga, sagaId, schedule) };
      runs.add(run.troubled.participants);
      const placements = { [saga.definition.workflow]: schedule.placement };
      const client = new SagaClient(simulation.client, { placements, records: [recordsOf(runs)] });
      await client.start(saga.definition, input);
      return await observe(run, client, saga);
    });
    return { ...told(run), outcome: observation.outcome.kind, problems: findBrokenPromises(observation) };
  } catch (error) {
    if (!(error instanceof NoEnd)) throw error;
    return { ...told(run), outcome: 'endless', problems: [error.message] };
  } finally {
    if (run) runs.delete(run.troubled.participants);
  }
}

/** Has the schedule's clients and operators do what they do, and waits for the end. */
async function observe(
  { sagaId, simulation, troubled: { participants, isBroken } }: Run,
  client: SagaClient,
  saga: SagaUnderTest,
): Promise<Observation> {
  const begun = simulation.now;
  const problems: string[] = [];
  const running: RunningSaga = {
    sagaId,
    client,
    participants,
    stage: stageOf(simulation, {}, AT_MOST_MS),
    problem: (text) => void problems.push(text),
  };
  const operator = new Operator(simulation, running);
  // So that its time is up even if nothing else happens to it.
  simulation.later(AT_MOST_MS + 1, () => undefined);
  const isOver = () =>
    !simulation.isOpen(sagaId) ||
    simulation.now > begun + AT_MOST_MS ||
    simulation.taskFailures.length >= FAILING;
  const meanwhile = saga.meanwhile?.(askedSaga(running));
  meanwhile?.catch(() => undefined);
  const over = () => simulation.when(isOver);
  await disturb(simulation, running, operator, { isOver, isBroken });
  await over();
  await operator.settle(over, () => simulation.sleep(AFTERWARDS_MS));
  const outcome = await client.outcome(sagaId);
  const report = await client.report(sagaId).catch(() => undefined);
  return {
    sagaId,
    outcome,
    ...(report && { report }),
    effects: participants.effects,
    operations: participants.operations,
    notFired: [],
    problems: [...problems, ...simulation.taskFailures, ...participants.findProblems()],
    wasStuck: false,
    tasks: new Map(),
    wasReset: operator.hasReset,
    wasInterrupted: operator.wasInterrupted(report),
    ...(operator.rescued && { rescue: operator.rescued }),
  };
}

/** What a schedule tells of itself, whether it has come to an end or not. */
function told(run: Run | undefined): Omit<ScheduleRun, 'outcome' | 'problems'> {
  if (!run) throw new Error('the schedule has not begun');
  const {
    sagaId,
    simulation,
    troubled: { participants },
  } = run;
  const history = simulation.historyOf(sagaId);
  return {
    choices: [...simulation.made],
    states: statesOf(history),
    story: [
      ...simulation.storyOf(sagaId),
      ...participants.effects.map(({ op, step }) => `the participants' ledger: ${op} ${step}`),
    ],
    operations: participants.operations,
    history,
  };
}
