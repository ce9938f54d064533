import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { SagaClient } from '../client';
import type { Placement } from '../saga';
import { statesOf } from './coverage';
import type { OperationName } from './fault';
import { InjectedFault } from './injected-fault';
import { helpWhileStuck } from './inject-reset';
import { type SagaTestKit, simulationOf } from './kit';
import type { Observation } from './observation';
import { Participants } from './participants';
import { findBrokenPromises } from './promise';
import { ResettableRun } from './reset';
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
}

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
export const RATES: FaultRates = { eviction: 20, lostTask: 40, lostRequest: 30, lostAnswer: 30 };
/** How often an attempt is late, takes long, or is put off: once in so many times. */
const [ONCE_LATE, ONCE_SLOW, ONCE_PUT_OFF] = [50, 40, 40];
const LATE_MS = 5_000;
/** Parts of the time that an attempt may take. */
const SLOW = [0.1, 0.5, 0.9];
const PUT_OFF_MS = [1_000, 15_000, 600_000, 2 * 3_600_000];
/** A saga that is not over then waits for a person. */
const AT_MOST_MS = 7 * 24 * 3_600_000;
/** A workflow task that has failed so often is not waited for: that it has failed is a problem already. */
const FAILING = 3;
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
    const client = new SagaClient(simulation.client, { placements });
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
      const reset = new Reset(running);
      await client.start(saga.definition, input);
      const isOver = () =>
        !simulation.isOpen(sagaId) ||
        simulation.now > begun + AT_MOST_MS ||
        simulation.taskFailures.length >= FAILING;
      const meanwhile = saga.meanwhile?.(askedSaga(running));
      meanwhile?.catch(() => undefined);
      await disturb(simulation, running, reset, isOver);
      await simulation.when(isOver);
      await reset.over();
      await simulation.sleep(AFTERWARDS_MS);
      const outcome = await client.outcome(sagaId);
      const report = await client.report(sagaId).catch(() => undefined);
      const observation: Observation = {
        sagaId,
        outcome,
        ...(report && { report }),
        effects: participants.effects,
        operations: participants.operations,
        notFired: [],
        problems: [...problems, ...simulation.taskFailures],
        wasStuck: false,
        tasks: new Map(),
        wasReset: reset.happened,
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
  { placement, refusable }: Schedule,
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
        throw ApplicationFailure.create({ type: 'BUSY', message: 'come again later', nextRetryDelay });
      }
      if (simulation.pick(ONCE_SLOW) === ONCE_SLOW - 1) {
        const part = SLOW[simulation.pick(SLOW.length)] ?? 0;
        await simulation.sleep(part * Context.current().info.startToCloseTimeoutMs);
      }
      return await next();
    },
  );
  return participants;
}

/** What clients and operators do to a saga, each when so much has happened: cancel it, ask it, restart its workers, reset it. */
async function disturb(
  simulation: Simulation,
  { sagaId, client, participants }: RunningSaga,
  reset: Reset,
  isOver: () => boolean,
): Promise<void> {
  const progress = () => simulation.historyOf(sagaId).length + participants.ticks;
  const ask = () => client.report(sagaId);
  const cancel = () => client.cancel(sagaId);
  const restart = async () => await Promise.resolve(simulation.restartWorkers());
  // The rarer the longer a saga takes after it.
  const disturbances = [ask, cancel, restart, ask, cancel, () => reset.toTask(simulation.pick(8))];
  for (let left = simulation.pick(3); left > 0; left--) {
    const disturbance = disturbances[simulation.pick(disturbances.length)];
    const then = progress() + simulation.pick(24);
    await simulation.when(() => isOver() || progress() > then);
    await disturbance?.().catch(() => undefined);
  }
}

/** The resets of one saga, and the operator who helps it afterwards. */
class Reset {
  happened = false;
  private readonly end = new AbortController();
  private helping: Promise<void> | undefined;

  constructor(private readonly running: RunningSaga) {}

  async toTask(task: number): Promise<void> {
    const { client, sagaId } = this.running;
    await (await ResettableRun.of(client.temporal, sagaId)).resetToTask(task);
    this.happened = true;
    this.helping ??= helpWhileStuck(this.running, [], sagaId, this.end.signal);
    this.helping.catch(() => undefined);
  }

  async over(): Promise<void> {
    this.end.abort();
    await this.helping?.catch((error: unknown) =>
      this.running.problem(`an operator cannot help: ${String(error)}`),
    );
  }
}
