import type { ClientOptions } from '@temporalio/client';
import type { Placement, SagaDefinition } from '../saga';

/** Runs sagas for a kit: a server, or a simulation. */
export interface KitEnvironment {
  /** Whether its clock jumps whenever nothing runs, so that a saga may meet all that takes time. */
  readonly skipsTime: boolean;
  /** Whether workflows can be reset, and an operation can be left without a worker. */
  readonly resets: boolean;
  /** Whether a single workflow task can be lost. */
  readonly losesTasks: boolean;
  /** How many runs may overlap. Those of a simulation do not: each has the process for itself, and a clock of its own. */
  readonly overlaps: boolean;
  /** A text for the input of the next run. */
  nextRun(): string;
  /** Runs some work with the saga's workers up. */
  perform<T>(options: StageOptions, work: (stage: Stage) => Promise<T>): Promise<T>;
  /** Replaces the workers of all runs under way. */
  restartWorkers(): Promise<void>;
  /** Ends what it has begun. */
  stop(): Promise<void>;
}

/** What a run is about to meet. */
export interface StageOptions {
  readonly placement: Placement;
  /** Of the saga, in milliseconds. */
  readonly deadlineMs: number | undefined;
  /** Its workers are going to be replaced. */
  readonly restarts: boolean;
  /** Replaces them, for runs that share a restart. */
  readonly restartWorkers?: (() => Promise<void>) | undefined;
}

/** Where one run happens. */
export interface Stage {
  readonly connection: NonNullable<ClientOptions['connection']>;
  readonly namespace: string;
  /** A saga as it is to be started here. */
  prepare(definition: SagaDefinition<unknown, unknown>): SagaDefinition<unknown, unknown>;
  /** Waits on the stage's clock, in milliseconds. */
  sleep(ms: number): Promise<void>;
  /** Asks again and again until it holds. @returns whether it did in time. */
  until(holds: () => Promise<boolean>): Promise<boolean>;
  /** Resolves when a saga has had all the time that it may take. @throws Error when the stage itself is broken. */
  tooLate(signal: AbortSignal, workflowIds: () => readonly string[]): Promise<void>;
  /** Lets no timer fire by a jump of the clock meanwhile. */
  holdClock<T>(work: () => Promise<T>): Promise<T>;
  /** Resolves when the new workers are up. */
  restartWorkers(): Promise<void>;
  /** Has a worker die with a workflow task in its hands. @returns what tells whether it did */
  loseTask(workflowId: string, task: number): () => boolean;
  /** Runs what takes real time, while the stage's clock stands still. */
  outside<T>(work: () => Promise<T>): Promise<T>;
  /** Has a worker come to a task queue. */
  serve(taskQueue: string): Promise<void>;
  /** What a worker that knows only the histories cannot go on with. */
  findReplayErrors(sagaId: string, workflowIds: readonly string[]): Promise<string[]>;
}

/** A task queue that nobody polls until {@link Stage.serve}. */
export function unpolledQueue(sagaId: string): string {
  return `${sagaId}${UNPOLLED}`;
}

export function isUnpolledQueue(taskQueue: string): boolean {
  return taskQueue.endsWith(UNPOLLED);
}

const UNPOLLED = ', nobody’s';
