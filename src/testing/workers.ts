import type { WorkflowHandle } from '@temporalio/client';
import {
  type NativeConnection,
  Worker,
  type WorkerOptions,
  type WorkflowBundleWithSourceMap,
} from '@temporalio/worker';
import type { SagaUnderTest } from './saga-under-test';

/** As a client fetches it. */
type History = Awaited<ReturnType<WorkflowHandle['fetchHistory']>>;

/** By name; `default` answers every other one. */
export type WorkerActivities = Readonly<Record<string, (...args: unknown[]) => Promise<unknown>>>;

/**
 * The workers of the sagas and of their participants. Every one of them can run every activity, whatever its name.
 * For each saga's task queue there is a second one, whose workers keep no saga in memory and can be replaced: the
 * time-skipping server never takes back what it has addressed to the memory of a worker that is gone.
 */
export class Workers {
  private lasting: RunningWorker[] = [];
  private replaceable: RunningWorker[] = [];
  private readonly ofSagas: readonly string[];

  constructor(
    private readonly connection: NativeConnection,
    private readonly workflowBundle: WorkflowBundleWithSourceMap,
    private readonly sagas: readonly SagaUnderTest[],
    private readonly activities: WorkerActivities,
  ) {
    this.ofSagas = [...new Set(sagas.map(({ definition }) => definition.taskQueue))];
  }

  async start(): Promise<void> {
    const { ofSagas, sagas, workflowBundle } = this;
    const ofSteps = new Set(sagas.flatMap(({ steps }) => steps.map((step) => step.participant.taskQueue)));
    this.lasting = await Promise.all([
      ...[...ofSteps].filter((name) => !ofSagas.includes(name)).map((taskQueue) => this.run({ taskQueue })),
      ...ofSagas.map((taskQueue) => this.run({ taskQueue, workflowBundle })),
    ]);
    this.replaceable = await this.startReplaceable();
  }

  /** Ends the workers of the replaceable queues, then starts others. */
  async replace(): Promise<void> {
    await stopWorkers(this.replaceable);
    this.replaceable = await this.startReplaceable();
  }

  /** Has a worker that knows nothing else replay a history. @throws Error when it would do anything differently. */
  async replay(history: History, sagaId: string): Promise<void> {
    await Worker.runReplayHistory({ workflowBundle: this.workflowBundle }, history, sagaId);
  }

  /** Polls another task queue for activities. @returns what ends that. */
  async serve(taskQueue: string): Promise<() => Promise<void>> {
    const worker = await this.run({ taskQueue });
    return () => stopWorkers([worker]);
  }

  async stop(): Promise<void> {
    await stopWorkers([...this.lasting, ...this.replaceable]);
  }

  private async startReplaceable(): Promise<RunningWorker[]> {
    const { ofSagas, workflowBundle } = this;
    return await Promise.all(
      ofSagas.map((taskQueue) =>
        this.run({ taskQueue: replaceableQueue(taskQueue), workflowBundle, maxCachedWorkflows: 0 }),
      ),
    );
  }

  private async run(options: WorkerOptions): Promise<RunningWorker> {
    const worker = await Worker.create({
      ...options,
      connection: this.connection,
      activities: this.activities,
      shutdownGraceTime: 0,
    });
    return { worker, ended: worker.run() };
  }
}

/** The task queue beside a saga's, whose workers can be replaced. */
export function replaceableQueue(taskQueue: string): string {
  return `${taskQueue}, replaceable`;
}

interface RunningWorker {
  readonly worker: Worker;
  readonly ended: Promise<void>;
}

async function stopWorkers(workers: readonly RunningWorker[]): Promise<void> {
  for (const { worker } of workers) worker.shutdown();
  await Promise.all(workers.map(({ ended }) => ended));
}
