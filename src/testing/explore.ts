import { ApplicationFailure } from '@temporalio/common';
import { SagaClient } from '../client';
import type { Placement, StepCall } from '../saga';
import type { OperationName } from './fault';
import { InjectedFault } from './injected-fault';
import type { Observation } from './observation';
import { declaredName, Participants } from './participants';
import { findBrokenPromises } from './promise';
import type { SagaUnderTest } from './saga-under-test';
import { shrink } from './shrink';
import type { FaultRates } from './simulation/faults';
import { Simulation, type SimulatedWorkflows } from './simulation/simulation';

/** What is tried. */
export interface ExploreOptions {
  /** Of the first schedule; each next one has the next seed. */
  readonly seed: number;
  readonly schedules: number;
  /** In turn. @default ['participants'] */
  readonly placements?: readonly Placement[];
  /** @default each of them once in thirty or forty times */
  readonly faults?: FaultRates;
}

/** A schedule in which a saga broke its promise, after everything was taken out of it that is not needed for that. */
export interface BrokenSchedule {
  readonly seed: number;
  readonly placement: Placement;
  /** Given to a simulation, they repeat it. */
  readonly choices: readonly number[];
  readonly problems: readonly string[];
  /** What happened, in order. */
  readonly story: readonly string[];
}

/** What came of an exploration, which ends at the first broken schedule. */
export interface Explored {
  readonly schedules: number;
  readonly byOutcome: Readonly<Record<string, number>>;
  readonly broken?: BrokenSchedule;
}

const RATES: FaultRates = { lostTask: 40, lostRequest: 30, lostAnswer: 30 };
/** How often an attempt is late: once in so many times. */
const ONCE_LATE = 50;
const LATE_MS = 5_000;
/** A saga that is not over then waits for a person. */
const AT_MOST_MS = 7 * 24 * 3_600_000;
/** After it nothing is on its way any more. */
const AFTERWARDS_MS = 3_600_000;

/**
 * Runs a saga under many schedules: the seed decides about every order, delay and fault, a refusal and a cancel. The saga
 * must keep its promise in each.
 * @param workflows those of the saga and of the sagas that are steps of it.
 */
export async function explore(
  workflows: SimulatedWorkflows,
  saga: SagaUnderTest,
  { seed: first, schedules, placements = ['participants'], faults = RATES }: ExploreOptions,
): Promise<Explored> {
  const refusable = await refusableIn(workflows, saga);
  const byOutcome: Record<string, number> = {};
  for (let index = 0; index < schedules; index++) {
    const seed = first + index;
    const placement = placements[index % placements.length] ?? 'participants';
    const schedule = { workflows, saga, seed, placement, faults, refusable };
    const run = await runSchedule(schedule);
    byOutcome[run.outcome] = (byOutcome[run.outcome] ?? 0) + 1;
    if (run.problems.length === 0) continue;
    const fails = async (choices: readonly number[]) =>
      (await runSchedule({ ...schedule, choices })).problems.length > 0;
    const choices = await shrink(run.choices, fails);
    const { problems, story } = await runSchedule({ ...schedule, choices });
    return { schedules: index + 1, byOutcome, broken: { seed, placement, choices, problems, story } };
  }
  return { schedules, byOutcome };
}

interface Schedule {
  readonly workflows: SimulatedWorkflows;
  readonly saga: SagaUnderTest;
  readonly seed: number;
  readonly choices?: readonly number[];
  readonly placement: Placement;
  readonly faults: FaultRates;
  readonly refusable: readonly OperationName[];
}

interface ScheduleRun {
  readonly outcome: string;
  readonly problems: readonly string[];
  readonly choices: readonly number[];
  readonly story: readonly string[];
  readonly participants: Participants;
}

/** The actions that may be refused: those of a run in which nothing goes wrong. */
async function refusableIn(workflows: SimulatedWorkflows, saga: SagaUnderTest): Promise<OperationName[]> {
  const calm = { seed: 0, placement: 'participants', faults: {}, refusable: [] } as const;
  const { participants } = await runSchedule({ workflows, saga, ...calm });
  const canRefuse = new Set(
    saga.steps
      .filter(({ refusals, kind }) => refusals.length > 0 && kind !== 'retriable')
      .map(({ name }) => name),
  );
  return [...participants.operations.values()]
    .filter(({ call, step }) => call.op === 'do' && canRefuse.has(declaredName(step)))
    .map(({ name }) => name);
}

async function runSchedule(schedule: Schedule): Promise<ScheduleRun> {
  const { workflows, saga, seed, choices, placement, faults, refusable } = schedule;
  const simulation = new Simulation(workflows, { seed, faults, ...(choices && { choices }) });
  const refused = refusable[simulation.pick(2 * refusable.length + 1) - 1];
  const input = saga.input('explored');
  const sagaId = saga.definition.idOf(input);
  const participants = new Participants(
    saga,
    sagaId,
    placement,
    refused ? [new InjectedFault({ kind: 'refused', at: refused })] : [],
    undefined,
    async ({ operation }, next) => {
      if (simulation.pick(ONCE_LATE) < ONCE_LATE - 1) return await next();
      // It arrives when its answer is not waited for any more, and the next attempt may have come before.
      simulation.later(LATE_MS, () => void participants.deliverAgain(operation.name));
      throw ApplicationFailure.retryable('the request is late', 'LOST');
    },
  );
  simulation.start({
    workflows: true,
    activities: { default: (argument, call) => participants.handle(argument, call as StepCall) },
  });
  const client = new SagaClient(simulation.client, { placements: { [saga.definition.workflow]: placement } });
  try {
    const { outcome, report } = await simulation.run(async () => {
      const begun = simulation.now;
      await client.start(saga.definition, input);
      const isOver = () => !simulation.isOpen(sagaId) || simulation.now > begun + AT_MOST_MS;
      if (simulation.pick(4) === 3) await cancelSomeTime(simulation, client, sagaId, isOver);
      await simulation.when(isOver);
      await simulation.sleep(AFTERWARDS_MS);
      const ended = await client.outcome(sagaId);
      return { outcome: ended, report: await client.report(sagaId).catch(() => undefined) };
    });
    const observation: Observation = {
      sagaId,
      outcome,
      ...(report && { report }),
      effects: participants.effects,
      operations: participants.operations,
      notFired: [],
      problems: simulation.taskFailures,
      wasStuck: false,
      tasks: new Map(),
      wasReset: false,
    };
    return {
      outcome: outcome.kind,
      problems: findBrokenPromises(observation),
      choices: [...simulation.made],
      story: simulation.storyOf(sagaId),
      participants,
    };
  } finally {
    await simulation.stop();
  }
}

/** Cancels a saga when so many events of it have happened. */
async function cancelSomeTime(
  simulation: Simulation,
  client: SagaClient,
  sagaId: string,
  isOver: () => boolean,
): Promise<void> {
  const events = 3 * simulation.pick(16);
  await simulation.when(() => isOver() || simulation.historyOf(sagaId).length > events);
  await client.cancel(sagaId).catch(() => undefined);
}
