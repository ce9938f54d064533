import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { SagaClient } from '../client';
import type { Placement } from '../saga';
import { statesOf } from './coverage';
import { disturb } from './disturbances';
import type { OperationName } from './fault';
import { BROKEN, InjectedFault } from './injected-fault';
import { type SagaTestKit, simulationOf } from './kit';
import type { Observation } from './observation';
import { Operator } from './operator';
import type { ParticipantBackend } from './participant-backend';
import { Participants } from './participants';
import { findBrokenPromises } from './promise';
import { recordsOf } from './records';
import { askedSaga, type RunningSaga } from './running-saga';
import type { SagaUnderTest } from './saga-under-test';
import { stageOf } from './simulated-environment';
import type { HistoryEvent } from './simulation/events';
import type { FaultRates } from './simulation/faults';
import type { Simulation, SimulationOptions } from './simulation/simulation';

/** What decides about a schedule. */
export interface Schedule extends SimulationOptions {
  readonly placement: Placement;
  /** The actions of which one may be refused. */
  readonly refusable: readonly OperationName[];
  /** What the participants keep their effects with. @default in memory */
  readonly backend?: MakeBackend;
}

export type MakeBackend = (
  saga: SagaUnderTest,
  simulation: Simulation,
  faults: FaultRates,
) => ParticipantBackend;

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
/** How often an attempt is late, takes long, or is put off: once in so many times. */
const [ONCE_LATE, ONCE_SLOW, ONCE_PUT_OFF] = [50, 40, 40];
const LATE_MS = 5_000;
/** Parts of the time that an attempt may take. */
const SLOW = [0.1, 0.5, 0.9];
const PUT_OFF_MS = [1_000, 15_000, 600_000, 2 * 3_600_000, 'for good'] as const;
/** A saga that is not over then waits for a person. */
const AT_MOST_MS = 7 * 24 * 3_600_000;
/** After it nothing is on its way any more. */
const AFTERWARDS_MS = 3_600_000;

/** Runs a saga in one schedule. */
export async function runSchedule(
  kit: SagaTestKit,
  saga: SagaUnderTest,
  schedule: Schedule,
): Promise<ScheduleRun> {
  const { environment, runs } = simulationOf(kit);
  return await environment.simulate(schedule, async (simulation) => {
    const input = saga.input('explored');
    const sagaId = saga.definition.idOf(input);
    const participants = participantsIn(simulation, saga, sagaId, schedule);
    const { placement } = schedule;
    const placements = { [saga.definition.workflow]: placement };
    const client = new SagaClient(simulation.client, { placements, records: [recordsOf(runs)] });
    runs.add(participants);
    try {
      const begun = simulation.now;
      const problems: string[] = [];
      const running: RunningSaga = {
        sagaId,
        client,
        participants,
        stage: stageOf(simulation, {}, AT_MOST_MS),
        problem: (text) => void problems.push(text),
      };
      const operator = new Operator(running);
      await client.start(saga.definition, input);
      const isOver = () => !simulation.isOpen(sagaId) || simulation.now > begun + AT_MOST_MS;
      const meanwhile = saga.meanwhile?.(askedSaga(running));
      meanwhile?.catch(() => undefined);
      const over = () => simulation.when(isOver);
      await disturb(simulation, running, operator, isOver);
      await over();
      await operator.settle(over, () => simulation.sleep(AFTERWARDS_MS));
      const outcome = await client.outcome(sagaId);
      const report = await client.report(sagaId).catch(() => undefined);
      const rescue = operator.rescue(report);
      const observation: Observation = {
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
        ...(rescue && { rescue }),
      };
      return {
        outcome: outcome.kind,
        problems: findBrokenPromises(observation),
        choices: [...simulation.made],
        states: statesOf(simulation.historyOf(sagaId)),
        story: [
          ...simulation.storyOf(sagaId),
          ...participants.effects.map(({ op, step }) => `the participants' ledger: ${op} ${step}`),
        ],
        operations: participants.operations,
        history: simulation.historyOf(sagaId),
      };
    } finally {
      runs.delete(participants);
    }
  });
}

function participantsIn(
  simulation: Simulation,
  saga: SagaUnderTest,
  sagaId: string,
  { placement, refusable, faults: rates = {}, backend }: Schedule,
): Participants {
  const refused = refusable[simulation.pick(2 * refusable.length + 1) - 1];
  const faults = refused ? [new InjectedFault({ kind: 'refused', at: refused })] : [];
  const participants: Participants = new Participants(
    saga,
    sagaId,
    placement,
    faults,
    undefined,
    async ({ operation }, next) => {
      if (simulation.pick(ONCE_LATE) === ONCE_LATE - 1) {
        // It arrives when its answer is not waited for any more, and the next attempt may have come before.
        simulation.later(LATE_MS, () => void participants.deliverAgain(operation.name));
        throw ApplicationFailure.retryable('the request is late', 'LOST');
      }
      if (simulation.pick(ONCE_PUT_OFF) === ONCE_PUT_OFF - 1) {
        const nextRetryDelay = PUT_OFF_MS[simulation.pick(PUT_OFF_MS.length)] ?? 0;
        if (nextRetryDelay === 'for good') throw ApplicationFailure.nonRetryable('it does not work', BROKEN);
        throw ApplicationFailure.create({ type: 'BUSY', message: 'come again later', nextRetryDelay });
      }
      if (simulation.pick(ONCE_SLOW) === ONCE_SLOW - 1) {
        const part = SLOW[simulation.pick(SLOW.length)] ?? 0;
        await simulation.sleep(part * Context.current().info.startToCloseTimeoutMs);
      }
      return await next();
    },
    backend?.(saga, simulation, rates),
  );
  return participants;
}
