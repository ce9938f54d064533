import { randomUUID } from 'node:crypto';
import type { WorkflowHandle, WorkflowStartOptions } from '@temporalio/client';
import type { CommonWorkflowOptions, Workflow } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker, type WorkerOptions } from '@temporalio/worker';
import { SagaClient, sagaActivities } from '../../src/client';
import { reportQuery, type SagaReport } from '../../src/saga';
import { type TestBundle, testBundle } from '../support/bundle';
import { closeSandboxes, SandboxSharingWorker } from '../support/sandbox-sharing-worker';
import { until } from '../support/until';
import type { Program } from './program';
import { type ProgramOptions, programSaga, type runProgram } from './program-workflow';
import type { World } from './world';

/** A server with an orchestrator's worker, on which each test runs programs against a world of its own. */
export class Harness {
  readonly client: SagaClient;

  private constructor(
    readonly env: TestWorkflowEnvironment,
    readonly bundle: TestBundle,
  ) {
    this.client = new SagaClient(env.client);
  }

  static async start(
    env: TestWorkflowEnvironment,
    workflowsPath = require.resolve('./program-workflow'),
  ): Promise<Harness> {
    return new Harness(env, await testBundle(workflowsPath));
  }

  async stop(): Promise<void> {
    await closeSandboxes();
    await this.env.teardown();
  }

  /**
   * Runs a test's body with both workers up. No workflow task of a saga fails behind its back: pass
   * `maxCachedWorkflows: 0` to have every task replayed from the history.
   */
  async withWorkers<T>(
    world: World,
    body: () => Promise<T>,
    options: Partial<WorkerOptions> = { maxCachedWorkflows: 100 },
  ): Promise<T> {
    const connection = this.env.nativeConnection;
    const orchestrator = await SandboxSharingWorker.create({
      connection,
      taskQueue: programSaga.taskQueue,
      workflowBundle: this.bundle,
      // For sagas that are placed on their own queue.
      activities: { ...world.activities, ...sagaActivities({ records: [world.records] }) },
      shutdownGraceTime: 0,
      ...options,
    });
    const participant = await Worker.create({
      connection,
      taskQueue: 'world',
      activities: { ...world.activities },
      shutdownGraceTime: 0,
    });
    return await orchestrator.runUntil(participant.runUntil(body()));
  }

  async start(
    program: Program,
    sagaId = `saga-${randomUUID()}`,
    options: CommonWorkflowOptions = {},
    programOptions: ProgramOptions = {},
  ): Promise<WorkflowHandle<typeof runProgram>> {
    return await this.env.client.workflow.start<typeof runProgram>(programSaga.workflow, {
      ...options,
      workflowId: sagaId,
      taskQueue: programSaga.taskQueue,
      args: [program, programOptions],
    });
  }

  /** Starts a saga that is no program. */
  async startNamed<T extends Workflow>(workflow: string, ...args: Parameters<T>): Promise<WorkflowHandle<T>> {
    return await this.env.client.workflow.start<T>(workflow, {
      workflowId: `saga-${randomUUID()}`,
      taskQueue: programSaga.taskQueue,
      args,
    } as unknown as WorkflowStartOptions<T>);
  }

  /** A saga that was started in another way. */
  handle(sagaId: string): WorkflowHandle<typeof runProgram> {
    return this.env.client.workflow.getHandle<typeof runProgram>(sagaId);
  }

  /** Waits until a running saga's report satisfies a condition; the time-skipping server's clock goes on meanwhile. */
  async until(handle: WorkflowHandle, condition: (report: SagaReport) => boolean): Promise<void> {
    await until(`the report of ${handle.workflowId}`, async () => {
      if (condition(await this.report(handle))) return true;
      if (this.env.supportsTimeSkipping) await this.env.sleep('1s');
      return false;
    });
  }

  async report(handle: WorkflowHandle): Promise<SagaReport> {
    return await reportOf(handle);
  }

  /** Runs a program to its end with workers up. */
  async run(world: World, program: Program): Promise<Ended> {
    return await this.withWorkers(world, async () => ended(await this.start(program)));
  }
}

/** How a saga ended: its result or its failure, and its report. */
export interface Ended {
  readonly handle: WorkflowHandle<typeof runProgram>;
  readonly result?: string[];
  readonly error?: unknown;
  readonly report: SagaReport;
}

/** Waits for a saga's end. A worker must be up to answer for the report. */
export async function ended(handle: WorkflowHandle<typeof runProgram>): Promise<Ended> {
  const settled = await handle.result().then(
    (result) => ({ result }),
    (error: unknown) => ({ error }),
  );
  return { handle, ...settled, report: await reportOf(handle) };
}

/** A saga that has closed is replayed for it, which the default of ten seconds may not suffice for. */
async function reportOf(handle: WorkflowHandle): Promise<SagaReport> {
  return await handle.client.withDeadline(Date.now() + 60_000, () => handle.query(reportQuery));
}

/** `{ a: 'compensated', b: 'refused' }` */
export function states(report: SagaReport): Record<string, string> {
  return Object.fromEntries(report.steps.map((step) => [step.name, step.state]));
}

/** The message of the last failed workflow task, as soon as there is one. */
export async function taskFailure(handle: WorkflowHandle): Promise<string> {
  let message: string | null | undefined;
  await until('a failed workflow task', async () => {
    const { events } = await handle.fetchHistory();
    message = events?.findLast((event) => event.workflowTaskFailedEventAttributes)
      ?.workflowTaskFailedEventAttributes?.failure?.message;
    return message != null;
  });
  return message ?? '';
}

/** The task queues of the activities that a workflow has scheduled, in order. */
export async function queues(handle: WorkflowHandle): Promise<readonly string[]> {
  const { events } = await handle.fetchHistory();
  return (events ?? []).flatMap(
    ({ activityTaskScheduledEventAttributes: scheduled }) => scheduled?.taskQueue?.name ?? [],
  );
}
