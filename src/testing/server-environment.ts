import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { Clock } from './clock';
import type { KitEnvironment, Stage, StageOptions } from './environment';
import { registerAttributes } from './register-attributes';
import type { SagaUnderTest } from './saga-under-test';
import { until, WITHIN_MS } from './until';
import { replaceableQueue, type WorkerActivities, Workers } from './workers';

/** A server, time-skipping or local, with workers for all runs. */
export class ServerEnvironment implements KitEnvironment {
  readonly overlaps = true;
  readonly losesTasks = false;
  private count = 0;
  /** Another kit on the same server must not find the sagas of this one. */
  private readonly name = randomUUID().slice(0, 4);
  private readonly clock: Clock;

  private constructor(
    private readonly env: TestWorkflowEnvironment,
    private readonly workers: Workers,
  ) {
    this.clock = new Clock(env);
  }

  /** @param env which the caller tears down. */
  static async start(
    env: TestWorkflowEnvironment,
    workflowBundle: WorkflowBundleWithSourceMap,
    sagas: readonly SagaUnderTest[],
    activities: WorkerActivities,
  ): Promise<ServerEnvironment> {
    await registerAttributes(clientOf(env), sagas);
    const workers = new Workers(env.nativeConnection, workflowBundle, sagas, activities);
    const environment = new ServerEnvironment(env, workers);
    await workers.start();
    await environment.clock.unlock();
    return environment;
  }

  get skipsTime(): boolean {
    return this.env.supportsTimeSkipping;
  }

  get resets(): boolean {
    return !this.skipsTime;
  }

  nextRun(): string {
    return `run-${this.name}-${++this.count}`;
  }

  async restartWorkers(): Promise<void> {
    await this.workers.replace();
  }

  async stop(): Promise<void> {
    await this.clock.lock();
    await this.workers.stop();
  }

  async perform<T>(options: StageOptions, work: (stage: Stage) => Promise<T>): Promise<T> {
    await this.clock.check();
    const served: (() => Promise<void>)[] = [];
    try {
      return await work(this.stageFor(options, served));
    } finally {
      for (const end of served) await end();
    }
  }

  private stageFor(options: StageOptions, served: (() => Promise<void>)[]): Stage {
    const { env, clock, workers } = this;
    const { placement, restarts, restartWorkers = () => this.restartWorkers() } = options;
    const express = placement === 'express';
    return {
      connection: env.connection,
      namespace: env.namespace ?? 'default',
      prepare: (definition) =>
        restarts && !express
          ? { ...definition, taskQueue: replaceableQueue(definition.taskQueue) }
          : definition,
      sleep,
      until,
      tooLate: async (signal, workflowIds) => {
        await sleep(WITHIN_MS, undefined, { signal });
        if (this.skipsTime) await this.refuseBrokenServer(workflowIds());
      },
      holdClock: (work) => clock.held(work),
      loseTask: () => {
        throw new Error('lost-task: only a simulation loses a single workflow task');
      },
      outside: (work) => work(),
      // The SDK's workers do not end while a local activity runs, and do not run one without a memory of sagas. So an
      // express saga that is to meet a restart is replayed from its history when it is over.
      restartWorkers: express ? () => Promise.resolve() : restartWorkers,
      serve: async (taskQueue) => void served.push(await workers.serve(taskQueue)),
      findReplayErrors: async (sagaId, workflowIds) => {
        const ids = express ? workflowIds : workflowIds.filter((one) => one !== sagaId);
        return restarts ? (await Promise.all(ids.map((id) => this.replay(id)))).flat() : [];
      },
    };
  }

  private async replay(workflowId: string): Promise<string[]> {
    const history = await clientOf(this.env).workflow.getHandle(workflowId).fetchHistory();
    try {
      await this.workers.replay(history, workflowId);
      return [];
    } catch (error) {
      return [`a worker that knows only its history cannot go on with it: ${(error as Error).message}`];
    }
  }

  /** A task that the server lost holds up its clock for good: nothing that is run on it after that means anything. */
  private async refuseBrokenServer(workflowIds: readonly string[]): Promise<void> {
    for (const id of workflowIds) {
      const { events } = await clientOf(this.env).workflow.getHandle(id).fetchHistory();
      if (!events?.at(-1)?.workflowTaskStartedEventAttributes) continue;
      throw new Error(
        `the test server has lost a workflow task of ${id}, and its clock stands still from now on; ` +
          'that happens when a timer fires while its workflow cancels it, as where a nested saga has the deadline of its parent',
      );
    }
  }
}

function clientOf(env: TestWorkflowEnvironment): Client {
  return new Client({ connection: env.connection, namespace: env.namespace ?? 'default' });
}
