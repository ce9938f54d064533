import type { WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { isUnpolledQueue, type KitEnvironment, type Stage, type StageOptions } from './environment';
import type { TemporalLimits } from './simulation/limits';
import type { SimulationOptions } from './simulation/simulation';
import { SimulatedWorkflows, Simulation } from './simulation/simulation';
import type { WorkerActivities } from './workers';

/** How long anything that a run waits for may take, in milliseconds of the simulation's clock: a saga may wait for a person. */
const WITHIN_MS = 7 * 24 * 3_600_000;
/** The pauses between two questions. */
const PAUSES = { firstMs: 5, factor: 1.2 };

/** Temporal in memory: a simulation for each run, with a clock and choices of its own. */
export class SimulatedEnvironment implements KitEnvironment {
  readonly skipsTime = true;
  readonly resets = true;
  readonly overlaps = false;
  readonly losesTasks = true;
  private count = 0;
  private last: Promise<void> = Promise.resolve();

  private constructor(
    private readonly workflows: SimulatedWorkflows,
    private readonly activities: WorkerActivities,
    /** Of every run that is given no choices of its own: two runs of one case are the same. */
    readonly seed: number,
    private readonly limits: Partial<TemporalLimits>,
  ) {}

  static async start(
    workflowBundle: WorkflowBundleWithSourceMap,
    activities: WorkerActivities,
    seed: number,
    limits: Partial<TemporalLimits>,
  ): Promise<SimulatedEnvironment> {
    return new SimulatedEnvironment(await SimulatedWorkflows.load(workflowBundle), activities, seed, limits);
  }

  nextRun(): string {
    return `run-${++this.count}`;
  }

  async restartWorkers(): Promise<void> {
    return await Promise.reject(new Error('the workers of a simulation belong to one run'));
  }

  async stop(): Promise<void> {
    await this.workflows.close();
  }

  async perform<T>({ deadlineMs = 0 }: StageOptions, work: (stage: Stage) => Promise<T>): Promise<T> {
    const { seed, activities } = this;
    const withinMs = Math.max(WITHIN_MS, 10 * deadlineMs);
    return await this.simulate({ seed }, (simulation) => work(stageOf(simulation, activities, withinMs)));
  }

  /** Runs some work in a simulation, whose workers are up, when those before it are over. */
  async simulate<T>(options: SimulationOptions, work: (simulation: Simulation) => Promise<T>): Promise<T> {
    const run = this.last.then(() => this.simulateNow(options, work));
    this.last = run.then(
      () => undefined,
      () => undefined,
    );
    return await run;
  }

  private async simulateNow<T>(
    options: SimulationOptions,
    work: (simulation: Simulation) => Promise<T>,
  ): Promise<T> {
    const simulation = new Simulation(this.workflows, { limits: this.limits, ...options });
    simulation.start({ workflows: true, activities: this.activities, except: isUnpolledQueue });
    try {
      return await simulation.run(() => work(simulation));
    } finally {
      await simulation.stop();
    }
  }
}

/** Asks again and again until it holds. @returns whether it did in time. */
async function untilIn(
  simulation: Simulation,
  holds: () => Promise<boolean>,
  withinMs: number,
): Promise<boolean> {
  const end = simulation.now + withinMs;
  for (let pause = PAUSES.firstMs; simulation.now < end; pause *= PAUSES.factor) {
    if (await holds()) return true;
    await simulation.sleep(Math.ceil(pause));
  }
  return false;
}

/** A simulation as the stage of a run. */
export function stageOf(simulation: Simulation, activities: WorkerActivities, withinMs: number): Stage {
  const { connection, options } = simulation.client;
  return {
    connection,
    namespace: options.namespace,
    prepare: (definition) => definition,
    sleep: (ms) => simulation.sleep(ms),
    until: (holds) => untilIn(simulation, holds, withinMs),
    tooLate: () => simulation.sleep(withinMs),
    holdClock: (work) => work(),
    loseTask: (workflowId, task) => simulation.loseTask(workflowId, task),
    outside: (work) => simulation.outside(work),
    restartWorkers: async () => await Promise.resolve(simulation.restartWorkers()),
    serve: async (taskQueue) => {
      simulation.start({ taskQueue, activities });
      return await Promise.resolve();
    },
    // A worker that cannot go on with a history fails its workflow task, when it is asked at the latest.
    findReplayErrors: async () => await Promise.resolve([...simulation.taskFailures]),
  };
}
