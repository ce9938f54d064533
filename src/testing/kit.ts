import { ApplicationFailure } from '@temporalio/common';
import { msOptionalToNumber } from '@temporalio/common/lib/time';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { sagaActivities } from '../client';
import type { Placement, SagaReport, StepCall } from '../saga';
import { askForReport } from './ask';
import { bundleForKit } from './bundle';
import { outermostStep } from './effect';
import { type KitEnvironment, type Stage, unpolledQueue } from './environment';
import { type Fault, isBeforePivot, isReset, nameOf } from './fault';
import type { Observation } from './observation';
import { Participants } from './participants';
import type { ParticipantInterceptor, SeenOperation } from './seen-operation';
import { InjectedFault } from './injected-fault';
import { recordsOf } from './records';
import { ResettableRun } from './reset';
import { type AskedSaga, declaredName, type SagaUnderTest } from './saga-under-test';
import { askedSaga, type RunningSaga } from './running-saga';
import { injectAll } from './inject';
import { holdOtherAnswers, stepOf } from './inject-fault';
import { sagaClientOn } from './stage-client';
import { ServerEnvironment } from './server-environment';
import { SimulatedEnvironment } from './simulated-environment';
import type { TemporalLimits } from './simulation/limits';
import type { Unpolled } from './unpolled';

/** What a run may be given. */
export interface RunOptions {
  /** @default none: a run without faults */
  readonly faults?: readonly Fault[];
  /** @default 'participants' */
  readonly placement?: Placement;
  /** Replaces the orchestrator's workers, for runs that share a restart. @default at once */
  readonly restartWorkers?: () => Promise<void>;
  /**
   * Stands between the saga and the participants: a real barrier, say, or one that loses answers. It is given what the
   * saga sends, and answers in their place. @default the participants themselves
   */
  readonly interceptor?: ParticipantInterceptor;
  /** Is told of each action when it arrives for the first time; the action waits until it is done. */
  readonly onAction?: (action: SeenOperation, running: AskedSaga) => Promise<void>;
  /** Is told when the saga is over, and can still be asked. */
  readonly whenOver?: (saga: AskedSaga) => Promise<void>;
}

/** What a kit is made of. */
export interface KitOptions {
  /** The module that exports the workflow functions of the sagas. An absolute path. */
  readonly workflowsPath: string;
  readonly sagas: readonly SagaUnderTest[];
  /**
   * A server, time-skipping or local, which the caller tears down and nothing else uses meanwhile. On a local one a saga that
   * is to meet `no-worker` needs a `stuck.scheduleToStartTimeout` of less than a second. @default a simulation
   */
  readonly env?: TestWorkflowEnvironment;
  /** Decides about every order and every delay in a simulation: two runs with one seed are the same. @default 1 */
  readonly seed?: number;
  /**
   * The limits of the simulated server that a saga is to meet, such as `{ historyEvents: 500 }`. A real server is started with its
   * own: `--dynamic-config-value limit.historyCount.error=500`. @default those of a server
   */
  readonly limits?: Partial<TemporalLimits>;
}

/**
 * Runs sagas against in-memory participants, which meet faults and keep a ledger of effects. The workflows are the real ones, in
 * the SDK's own sandbox. Temporal is simulated, in this process and on a clock of its own, unless the kit is given a server.
 * Runs may overlap: each has participants of its own.
 */
export class SagaTestKit {
  private constructor(
    private readonly environment: KitEnvironment,
    private readonly runs: Set<Participants>,
  ) {
    if (environment instanceof SimulatedEnvironment) simulations.set(this, { environment, runs });
  }

  /**
   * Brings up what runs the sagas, until {@link stop}. On a time-skipping server the clock jumps meanwhile whenever nothing runs.
   * @throws Error when both a server and limits are given; when the simulation does not know the installed version of the SDK; when the workflows cannot be bundled.
   */
  static async start({ workflowsPath, sagas, env, seed = 1, limits }: KitOptions): Promise<SagaTestKit> {
    if (env && limits)
      throw new Error(
        'limits are those of a simulation: start the server with --dynamic-config-value instead, or leave out env',
      );
    const bundle = await bundleForKit(workflowsPath);
    const runs = new Set<Participants>();
    const activities = {
      default: (argument: unknown, call: unknown) => handle(runs, argument, call as StepCall),
      ...sagaActivities({ records: [recordsOf(runs)] }),
    };
    const environment = env
      ? await ServerEnvironment.start(env, bundle, sagas, activities)
      : await SimulatedEnvironment.start(bundle, activities, seed, limits ?? {});
    return new SagaTestKit(environment, runs);
  }

  /** Whether a saga may meet everything that takes time: not on a server with a real clock. */
  get skipsTime(): boolean {
    return this.environment.skipsTime;
  }

  /** Whether it injects resets, and operations that no worker takes: not on a time-skipping server. */
  get resets(): boolean {
    return this.environment.resets;
  }

  /** Whether it injects the loss of a single workflow task: only in a simulation. */
  get losesTasks(): boolean {
    return this.environment.losesTasks;
  }

  /** Whether its runs overlap, and share workers. In a simulation each has workers of its own, and one comes after the other. */
  get overlaps(): boolean {
    return this.environment.overlaps;
  }

  /** Ends the workers. To be called once, when no run is under way. */
  async stop(): Promise<void> {
    await this.environment.stop();
  }

  /**
   * Replaces the workers of the sagas that are to meet a `worker-restart` on a server: their successors know only the histories.
   * In a simulation each run has workers of its own, which it replaces.
   */
  async restartWorkers(): Promise<void> {
    await this.environment.restartWorkers();
  }

  /**
   * Runs a saga to its end. One that does not get there within a minute of a server's real clock, or a week of a simulation's,
   * is terminated.
   * @returns what came of it, right or wrong: {@link findBrokenPromises} and {@link findUnexpected} judge it.
   * @throws Error when a time-skipping server's clock has come too far: each time that no run is under way takes it ten years
   *   on; and when that server has lost a task, which it does at times: then its clock stands still.
   */
  async run(saga: SagaUnderTest, options: RunOptions = {}): Promise<Observation> {
    const { faults = [], placement = 'participants', restartWorkers } = options;
    const deadlineMs = msOptionalToNumber(saga.definition.deadline);
    const stageOptions = { placement, deadlineMs, restarts: meetsRestart(faults), restartWorkers };
    return await this.environment.perform(stageOptions, (stage) => this.runOn(stage, saga, options));
  }

  private async runOn(stage: Stage, saga: SagaUnderTest, options: RunOptions): Promise<Observation> {
    const { definition } = saga;
    const { faults = [], placement = 'participants', onAction, whenOver, interceptor } = options;
    const input = saga.input(this.environment.nextRun());
    const sagaId = definition.idOf(input);
    const injected = faults.map((fault) => new InjectedFault(fault, msOptionalToNumber(definition.deadline)));
    const client = sagaClientOn(stage, definition.workflow, placement, unpolledIn(faults, sagaId));
    const watch = onAction && ((action: SeenOperation) => onAction(action, askedSaga(running)));
    const intercepting: ParticipantInterceptor | undefined =
      interceptor && ((attempt, next) => stage.outside(() => interceptor(attempt, next)));
    const participants: Participants = new Participants(
      saga,
      sagaId,
      placement,
      injected,
      watch,
      intercepting,
    );
    const problems: string[] = [];
    const problem = (text: string) => void problems.push(text);
    const running: RunningSaga = { sagaId, client, participants, stage, problem };
    for (const one of injected) {
      if (placement !== 'express' && isActionBeforePivot(saga, one.fault))
        one.beforeFailure = () => holdOtherAnswers(running);
    }
    this.runs.add(participants);
    await client.start(stage.prepare(definition), input);
    const meanwhile = saga.meanwhile?.(askedSaga(running));
    meanwhile?.catch((error: unknown) => problem(`what its clients do failed: ${String(error)}`));
    const outcome = await injectAll(running, injected);
    await whenOver?.(askedSaga(running));
    problems.push(...(await stage.findReplayErrors(sagaId, participants.workflowIds)));
    const report = await askForReport(running, sagaId).catch(() => undefined);
    const tasks = this.resets ? await tasksOf(running) : new Map<string, number>();
    this.runs.delete(participants);
    return {
      sagaId,
      outcome,
      ...(report && { report }),
      effects: participants.effects,
      operations: participants.operations,
      notFired: injected
        .filter((one) => !hasFired(one, participants, report))
        .map(({ fault }) => nameOf(fault)),
      problems,
      wasStuck: injected.some(
        ({ fault, fired, stuckFor }) =>
          stuckFor !== undefined || (fault.kind === 'compensation-never-works' && fired),
      ),
      tasks,
      wasReset: faults.some(isReset),
      resetWhenOver: nestedResetWhenOver(faults),
    };
  }
}

interface SimulatingKit {
  readonly environment: SimulatedEnvironment;
  /** Whose participants are asked. */
  readonly runs: Set<Participants>;
}

const simulations = new WeakMap<SagaTestKit, SimulatingKit>();

/** What is behind a kit that simulates. @throws Error for a kit on a server. */
export function simulationOf(kit: SagaTestKit): SimulatingKit {
  const simulation = simulations.get(kit);
  if (simulation) return simulation;
  throw new Error('only a kit without a server can explore schedules: a server has its own');
}

async function handle(runs: Set<Participants>, argument: unknown, call: StepCall): Promise<unknown> {
  const participants = [...runs].find((one) => one.has(call.sagaId));
  if (participants) return await participants.handle(argument, call);
  throw ApplicationFailure.nonRetryable(`${call.sagaId} is no run of this kit, or is over`, 'UNKNOWN_SAGA');
}

/** How many workflow tasks were completed, by what comes after the saga's id in the workflow's. */
async function tasksOf({ client, participants }: RunningSaga): Promise<Map<string, number>> {
  const [sagaId = '', ...others] = participants.workflowIds;
  const tasks = new Map<string, number>();
  for (const id of [sagaId, ...others]) {
    const run = await ResettableRun.of(client.temporal, id);
    tasks.set(id.slice(sagaId.length), run.tasks.length);
  }
  return tasks;
}

/** The operation that is to find nobody at its task queue, if one is. */
function unpolledIn(faults: readonly Fault[], sagaId: string): Unpolled | undefined {
  const fault = faults.find(({ kind }) => kind === 'no-worker');
  return fault && { sagaId, at: fault.at, taskQueue: unpolledQueue(sagaId) };
}

function nestedResetWhenOver(faults: readonly Fault[]): ReadonlySet<string> {
  const workflows = faults.flatMap(({ kind, to }) => (kind === 'reset-when-over' && to ? [to.workflow] : []));
  return new Set(workflows.map((workflow) => outermostStep(workflow.slice(1))));
}

function meetsRestart(faults: readonly Fault[]): boolean {
  return faults.some(({ kind }) => kind === 'worker-restart');
}

function isActionBeforePivot({ steps }: SagaUnderTest, fault: Fault): boolean {
  const step = steps.find(({ name }) => name === declaredName(stepOf(fault)));
  return fault.at.startsWith('do ') && step !== undefined && isBeforePivot(step.kind);
}

function hasFired(injected: InjectedFault, { operations }: Participants, report?: SagaReport): boolean {
  const { kind, at } = injected.fault;
  if (kind !== 'deadline') return injected.fired;
  // The clock of a saga that unwinds is stopped: the attempt that came after the deadline says that it has passed.
  return at.startsWith('undo ') ? (operations.get(at)?.attempts ?? 0) > 1 : report?.deadline !== undefined;
}
