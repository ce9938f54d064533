import { Client } from '@temporalio/client';
import type { WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { type ActivityFunction, ActivityWorker } from './activity-worker';
import { Agenda } from './agenda';
import { Choices } from './choices';
import { onClock, onRealClock } from './clock';
import { terminateExecution } from './closing';
import { type HistoryEvent, tell } from './events';
import { type FaultRates, Faults } from './faults';
import { limitsOf, type TemporalLimits } from './limits';
import { Sandbox } from './sandbox';
import { Executions } from './executions';
import { WorkflowWorker } from './workflow-worker';
import { simulatedConnection, SimulatedService } from './service';
import { WorkflowTaskRunner } from './workflow-task';

/** How a simulation decides. */
export interface SimulationOptions {
  readonly seed: number;
  /** The choices of an earlier run, which is repeated so far. */
  readonly choices?: readonly number[];
  /** After those choices nothing goes wrong, or the seed decides. @default 'calm' */
  readonly afterwards?: 'calm' | 'chance';
  readonly faults?: FaultRates;
  /** Those that differ from a server's defaults. */
  readonly limits?: Partial<TemporalLimits>;
}

/** A worker on a task queue: activities by name, with or without workflows. */
export interface SimulatedWorker {
  /** @default every one that no other worker polls */
  readonly taskQueue?: string;
  /** Of a worker without a task queue: those that it does not poll either. @default none */
  readonly except?: (taskQueue: string) => boolean;
  readonly workflows?: boolean;
  readonly activities: Readonly<Record<string, ActivityFunction>>;
}

const NAMESPACE = 'default';

/** Workflow code as it is simulated: loaded once, for any number of simulations. */
export class SimulatedWorkflows {
  private constructor(readonly sandbox: Sandbox) {}

  /** @param bundle what the SDK's `bundleWorkflowCode` makes of the workflows. */
  static async load(bundle: WorkflowBundleWithSourceMap): Promise<SimulatedWorkflows> {
    return new SimulatedWorkflows(await Sandbox.create(bundle));
  }

  async close(): Promise<void> {
    await this.sandbox.close();
  }
}

/**
 * Temporal, its workers and their clients in one process, on a virtual clock. A seed decides about every order and every delay:
 * the same seed gives the same run, as long as activities depend on nothing but what they are given.
 */
export class Simulation {
  readonly client: Client;
  private readonly choices: Choices;
  private readonly agenda: Agenda;
  private readonly faults: Faults;
  private readonly executions: Executions;
  private readonly code: WorkflowWorker;

  constructor(
    workflows: SimulatedWorkflows,
    { seed, choices, afterwards, faults = {}, limits }: SimulationOptions,
  ) {
    this.choices = new Choices(seed, choices, afterwards);
    this.faults = new Faults(this.choices, faults);
    this.agenda = new Agenda(this.choices);
    const { agenda } = this;
    const runner = new WorkflowTaskRunner(workflows.sandbox, NAMESPACE, () => agenda.now);
    this.executions = new Executions(agenda, NAMESPACE, limitsOf(limits), terminateExecution);
    this.code = new WorkflowWorker(this.executions, runner, this.faults);
    const connection = simulatedConnection(new SimulatedService(this.executions, this.code));
    this.client = new Client({ connection, namespace: NAMESPACE, identity: 'a client' });
  }

  /** Decides something of what runs on it. @returns one of `0 … count - 1`; 0 is what a shrunk run has most of */
  pick(count: number): number {
    return this.choices.pick(count);
  }

  /** In epoch milliseconds. */
  get now(): number {
    return this.agenda.now;
  }

  /** What it has decided so far: given to another simulation, it repeats this one. */
  get made(): readonly number[] {
    return this.choices.made;
  }

  /** Starts a worker. */
  start({ taskQueue, except, workflows = false, activities }: SimulatedWorker): void {
    const functionOf = (name: string) => activities[name] ?? activities['default'];
    const poller = {
      ...(workflows && { workflows: this.code }),
      activities: new ActivityWorker(
        this.agenda,
        NAMESPACE,
        functionOf,
        () => this.client,
        this.faults,
        this.executions.limits,
      ),
    };
    if (taskQueue === undefined) this.executions.pollEverywhere(poller, except && ((one) => !except(one)));
    else this.executions.poll(taskQueue, poller);
  }

  /**
   * Lets everything happen until some work is done, such as a client's.
   * @returns what it comes to
   * @throws NoEnd when nothing can happen any more, or things happen without end, and it is not done
   */
  async run<T>(work: () => Promise<T>): Promise<T> {
    return await onClock(this.agenda, async () => {
      let over = false;
      const done = work().finally(() => (over = true));
      done.catch(() => undefined);
      await this.agenda.until(() => over);
      return await done;
    });
  }

  /** Waits, in what {@link run} runs, until something has happened. Real timers would wait for the simulation's clock in vain. */
  async when(happened: () => boolean): Promise<void> {
    await this.agenda.when(happened);
  }

  /**
   * Waits, in what {@link run} runs, until something holds that only what a history tells can change. It is asked again whenever
   * there is a new event.
   * @param givesUp ends the wait.
   */
  async whenTold(holds: () => Promise<boolean>, givesUp: () => boolean): Promise<void> {
    const events = () => this.executions.runs.reduce((sum, { history }) => sum + history.length, 0);
    while (!givesUp()) {
      const before = events();
      if (await holds()) return;
      await this.when(() => events() !== before || givesUp());
    }
  }

  /** Waits, in what {@link run} runs, on the simulation's clock. */
  async sleep(ms: number): Promise<void> {
    await new Promise<void>((resolve) => this.agenda.after(ms, resolve));
  }

  /** Has something happen in so many milliseconds of its clock. @returns what takes it off again. */
  later(ms: number, run: () => void): () => void {
    return this.agenda.after(ms, run);
  }

  /** All workers of workflows die, and others begin: they know only the histories. */
  restartWorkers(): void {
    this.code.die();
  }

  /** The server goes down and comes up: what it had only in its memory is lost, such as Updates that no workflow has accepted. */
  restartServer(): void {
    this.code.loseServer();
  }

  /** Has a worker die with a workflow task in its hands. @param task which one of its latest run, from 0. @returns what tells whether it did */
  loseTask(workflowId: string, task: number): () => boolean {
    return this.code.planLoss(workflowId, task);
  }

  /** Runs what takes real time, such as a database's part, while the clock stands still. */
  async outside<T>(work: () => Promise<T>): Promise<T> {
    return await this.agenda.alone(onRealClock(work));
  }

  /** Why workflow tasks have failed, in order; not those that a worker's death or news has ended. */
  get taskFailures(): readonly string[] {
    return this.code.failures;
  }

  /** Ends it. What it has made and its histories remain. */
  async stop(): Promise<void> {
    for (const execution of this.executions.runs) execution.evict();
    await this.agenda.until(() => true);
  }

  /** The events of the latest run of a workflow. */
  historyOf(workflowId: string): readonly HistoryEvent[] {
    return this.executions.find({ workflowId })?.history.events ?? [];
  }

  /** The same in words, a line for each. */
  storyOf(workflowId: string): readonly string[] {
    return this.historyOf(workflowId).map((event) => tell(event));
  }

  /** Whether a workflow's latest run is under way. */
  isOpen(workflowId: string): boolean {
    return this.executions.find({ workflowId })?.isOpen ?? false;
  }
}
