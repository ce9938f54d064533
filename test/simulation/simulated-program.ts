import { readFileSync } from 'node:fs';
import type { WorkflowHandle } from '@temporalio/client';
import { sagaActivities } from '../../src/client';
import { type Placement, reportQuery, type SagaReport } from '../../src/saga';
import { placementMemo } from '../../src/saga/memo';
import { ResettableRun } from '../../src/testing/reset';
import type { HistoryEvent } from '../../src/testing/simulation/events';
import {
  type SimulatedWorker,
  SimulatedWorkflows,
  Simulation,
  type SimulationOptions,
} from '../../src/testing/simulation/simulation';
import type { Program } from '../saga/program';
import { type ProgramOptions, programSaga, type runProgram } from '../saga/program-workflow';
import type { World } from '../saga/world';
import { testBundle } from '../support/bundle';

export const SAGA_ID = 'saga';

/** What a client's part waits for, on any clock. */
export interface Waiting {
  /** An attempt of an operation has arrived. */
  readonly arrived: (operation: string) => Promise<void>;
  /** So many workflow tasks were completed, or the saga is over. */
  readonly tasks: (count: number) => Promise<void>;
  /** The saga is over. */
  readonly over: () => Promise<void>;
  /** Resets the saga to one of its workflow tasks. */
  readonly reset: (task: number) => Promise<void>;
}

/** How many workflow tasks a history has. */
export function tasksIn(events: readonly HistoryEvent[]): number {
  return events.filter((event) => event.workflowTaskCompletedEventAttributes).length;
}

/** A program that is to be run as a saga. */
export interface ProgramRun {
  readonly program: Program;
  readonly placement: Placement;
  readonly options?: ProgramOptions;
  /** What a client does while it runs. */
  readonly during?: (saga: WorkflowHandle<typeof runProgram>, world: World, wait: Waiting) => Promise<void>;
}

export interface SimulatedRun {
  readonly report: SagaReport;
  readonly events: readonly HistoryEvent[];
  readonly choices: readonly number[];
  /** Of workflow tasks. */
  readonly failures: readonly string[];
}

/** Simulates a program to its end. */
export async function simulate(
  workflows: SimulatedWorkflows,
  world: World,
  { program, placement, options = {}, during }: ProgramRun,
  choices: SimulationOptions,
): Promise<SimulatedRun> {
  const simulation = new Simulation(workflows, choices);
  const engines = sagaActivities({ records: [world.records] });
  const activities = { ...world.activities, ...engines } as unknown as SimulatedWorker['activities'];
  simulation.start({ taskQueue: programSaga.taskQueue, workflows: true, activities });
  simulation.start({ taskQueue: 'world', activities });
  try {
    const report = await simulation.run(async () => {
      const saga = await simulation.client.workflow.start<typeof runProgram>(programSaga.workflow, {
        workflowId: SAGA_ID,
        taskQueue: programSaga.taskQueue,
        args: [program, options],
        memo: placementMemo(placement),
      });
      await during?.(saga, world, {
        arrived: (operation) => simulation.when(() => world.attempts.includes(operation)),
        tasks: (count) =>
          simulation.when(
            () => !simulation.isOpen(SAGA_ID) || tasksIn(simulation.historyOf(SAGA_ID)) >= count,
          ),
        over: () => simulation.when(() => !simulation.isOpen(SAGA_ID)),
        reset: async (task) => (await ResettableRun.of(simulation.client, SAGA_ID)).resetToTask(task),
      });
      await simulation.when(() => !simulation.isOpen(SAGA_ID));
      return await saga.query(reportQuery);
    });
    const { made: choices, taskFailures: failures } = simulation;
    return { report, events: simulation.historyOf(SAGA_ID), choices, failures };
  } finally {
    await simulation.stop();
  }
}

/** Loads workflows, which are bundled once for all test files. @param workflowsPath an absolute path. */
export async function loadWorkflows(workflowsPath: string): Promise<SimulatedWorkflows> {
  return await loadBundle((await testBundle(workflowsPath)).codePath);
}

/** Loads workflows that are bundled. @param codePath the file with their code. */
async function loadBundle(codePath: string): Promise<SimulatedWorkflows> {
  return await SimulatedWorkflows.load({ code: readFileSync(codePath, 'utf8'), sourceMap: '' });
}
