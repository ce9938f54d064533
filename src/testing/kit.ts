import { setTimeout as sleep } from 'node:timers/promises';
import { Client, type WorkflowClientInterceptor } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { bundleWorkflowCode } from '@temporalio/worker';
import { SagaClient, type SagaOutcome } from '../client';
import type { Placement, SagaReport, StepCall } from '../saga';
import { askForReport } from './ask';
import { Clock } from './clock';
import { type Fault, isBeforePivot, nameOf } from './fault';
import type { Observation } from './observation';
import { declaredName, Participants, type SeenOperation } from './participants';
import { PlantedFault } from './planted-fault';
import { registerAttributes } from './register-attributes';
import type { SagaUnderTest } from './saga-under-test';
import { holdOthers, type Running, stepOf, strikeAfter, strikeDuring } from './strike';
import { WITHIN_MS } from './until';
import { replaceable, Workers } from './workers';

/** What a run may be given. */
export interface RunOptions {
  /** @default none: a *golden* run */
  readonly faults?: readonly Fault[];
  /** @default 'participants' */
  readonly placement?: Placement;
  /** Replaces the orchestrator's workers, for runs that share a restart. @default at once */
  readonly restartWorkers?: () => Promise<void>;
  /** Is told of each action when it arrives for the first time; the action waits until it is done. */
  readonly onAction?: (action: SeenOperation, running: AskedSaga) => Promise<void>;
}

/** A saga that runs, and the client that may ask it. */
export interface AskedSaga {
  readonly sagaId: string;
  readonly client: SagaClient;
}

/**
 * Runs sagas on a time-skipping server against in-memory participants, which meet faults and keep a ledger of effects.
 * Runs may overlap: each has participants of its own.
 */
export class SagaTestKit {
  private readonly stages = new Set<Participants>();
  private count = 0;

  private constructor(
    private readonly clock: Clock,
    private readonly client: Client,
    private readonly expressClient: Client,
    private readonly workers: Workers,
  ) {}

  /**
   * Brings up the workers of sagas, and lets the server's clock jump whenever nothing runs, until {@link stop}.
   * @param env a time-skipping environment, which the caller tears down and nothing else uses meanwhile.
   * @param options.workflowsPath the module that exports the workflow functions of the sagas.
   * @throws TypeError when the environment cannot skip time.
   */
  static async start(
    env: TestWorkflowEnvironment,
    options: { readonly workflowsPath: string; readonly sagas: readonly SagaUnderTest[] },
  ): Promise<SagaTestKit> {
    const { workflowsPath, sagas } = options;
    if (!env.supportsTimeSkipping) {
      throw new TypeError(
        'the test kit needs TestWorkflowEnvironment.createTimeSkipping(): it skips long pauses',
      );
    }
    const client = clientOf(env);
    await registerAttributes(client, sagas);
    const workflowBundle = await bundleWorkflowCode({ workflowsPath });
    const workers = new Workers(env.nativeConnection, workflowBundle, sagas, (argument, call) =>
      kit.play(argument, call),
    );
    const kit = new SagaTestKit(new Clock(env), client, clientOf(env, [withShortTasks]), workers);
    await workers.start();
    await kit.clock.unlock();
    return kit;
  }

  /** Ends the workers. To be called once, when no run is under way. */
  async stop(): Promise<void> {
    await this.clock.lock();
    await this.workers.stop();
  }

  /** Replaces the workers of the sagas that are to meet a `worker-restart`: their successors know only the histories. */
  async restartWorkers(): Promise<void> {
    await this.workers.replace();
  }

  /**
   * Runs a saga to its end. One that does not get there within a minute of the real clock is terminated.
   * @returns what came of it, right or wrong: {@link brokenPromises} and {@link unexpected} judge it.
   * @throws Error when the server's clock has come too far: each time that no run is under way takes it ten years on;
   *   and when the server has lost a task, which it does at times: then its clock stands still.
   */
  async run(saga: SagaUnderTest, options: RunOptions = {}): Promise<Observation> {
    const { definition } = saga;
    const { faults = [], placement = 'participants' } = options;
    const express = placement === 'express';
    const restarts = meetsRestart(faults);
    const { restartWorkers = () => this.restartWorkers() } = express ? NO_RESTART : options;
    const input = saga.input(`run-${++this.count}`);
    const sagaId = definition.idOf(input);
    const planted = faults.map((fault) => new PlantedFault(fault, definition.deadlineMs));
    const client = new SagaClient(this.clientFor(placement), {
      placements: { [definition.workflow]: placement },
    });
    const { onAction } = options;
    const watch = onAction && ((action: SeenOperation) => onAction(action, { sagaId, client }));
    const participants = new Participants(saga, sagaId, placement, planted, watch);
    const problems: string[] = [];
    const problem = (text: string) => void problems.push(text);
    const { clock } = this;
    const running: Running = { sagaId, client, participants, restartWorkers, clock, problem };

    for (const one of planted) {
      if (!express && isActionBeforePivot(saga, one.fault)) one.beforeFailure = () => holdOthers(running);
    }
    await clock.check();
    this.stages.add(participants);
    await client.start(restarts && !express ? withReplaceableWorkers(definition) : definition, input);
    const closed = this.closedInTime(running);
    const strikes = planted.map((one) => Promise.race([strikeDuring(one, running), closed]));
    for (const strike of await Promise.allSettled(strikes)) {
      if (strike.status === 'rejected') problem(`the fault went wrong: ${String(strike.reason)}`);
    }
    const outcome = await closed;
    for (const one of planted) strikeAfter(one, running);
    if (restarts) {
      const ids = participants.workflowIds;
      for (const id of express ? ids : ids.filter((one) => one !== sagaId)) await this.replay(id, problem);
    }
    const report = await askForReport(client, sagaId).catch(() => undefined);
    this.stages.delete(participants);
    return {
      sagaId,
      outcome,
      ...(report && { report }),
      effects: participants.effects,
      operations: participants.operations,
      notFired: planted
        .filter((one) => !hasFired(one, participants, report))
        .map(({ fault }) => nameOf(fault)),
      problems,
      wasStuck: planted.some(({ fault, fired }) => fault.kind === 'compensation-never-works' && fired),
    };
  }

  private async replay(sagaId: string, problem: (text: string) => void): Promise<void> {
    const history = await this.client.workflow.getHandle(sagaId).fetchHistory();
    await this.workers.replay(history, sagaId).catch((error: Error) => {
      problem(`a worker that knows only its history cannot go on with it: ${error.message}`);
    });
  }

  private clientFor(placement: Placement): Client {
    return placement === 'express' ? this.expressClient : this.client;
  }

  private async play(argument: unknown, call: StepCall): Promise<unknown> {
    const participants = [...this.stages].find((one) => one.has(call.sagaId));
    if (participants) return await participants.play(argument, call);
    throw ApplicationFailure.nonRetryable(`${call.sagaId} is no run of this kit, or is over`, 'UNKNOWN_SAGA');
  }

  private async closedInTime({ client, sagaId, participants }: Running): Promise<SagaOutcome<unknown>> {
    const timer = new AbortController();
    const tooLate = sleep(WITHIN_MS, undefined, { signal: timer.signal }).then(async () => {
      await this.refuseBrokenServer(participants.workflowIds);
      await this.client.workflow.getHandle(sagaId).terminate(`it did not end within ${WITHIN_MS} ms`);
      return await client.closed(sagaId);
    });
    tooLate.catch(() => undefined);
    try {
      return await Promise.race([client.closed(sagaId), tooLate]);
    } finally {
      timer.abort();
    }
  }

  /** A task that the server lost holds up its clock for good: nothing that is run on it after that means anything. */
  private async refuseBrokenServer(workflowIds: readonly string[]): Promise<void> {
    for (const id of workflowIds) {
      const { events } = await this.client.workflow.getHandle(id).fetchHistory();
      if (!events?.at(-1)?.workflowTaskStartedEventAttributes) continue;
      throw new Error(
        `the test server has lost a workflow task of ${id}, and its clock stands still from now on; ` +
          'that happens when a timer fires while its workflow cancels it, as where a nested saga has the deadline of its parent',
      );
    }
  }
}

function clientOf(env: TestWorkflowEnvironment, workflow: WorkflowClientInterceptor[] = []): Client {
  return new Client({
    connection: env.connection,
    namespace: env.namespace ?? 'default',
    interceptors: { workflow },
  });
}

/** The task of an express saga lasts as long as its steps: it hears of nothing before a part of this time is over. */
const withShortTasks: WorkflowClientInterceptor = {
  start: (input, next) =>
    next({ ...input, options: { ...input.options, workflowTaskTimeout: { nanos: 999_000_000 } } }),
};

/**
 * The SDK's workers do not end while a local activity runs, and do not run one without a memory of sagas. So an express
 * saga that is to meet a restart is replayed from its history when it is over.
 */
const NO_RESTART = { restartWorkers: () => Promise.resolve() };

function meetsRestart(faults: readonly Fault[]): boolean {
  return faults.some(({ kind }) => kind === 'worker-restart');
}

function withReplaceableWorkers(definition: SagaUnderTest['definition']): SagaUnderTest['definition'] {
  return { ...definition, taskQueue: replaceable(definition.taskQueue) };
}

function isActionBeforePivot({ steps }: SagaUnderTest, fault: Fault): boolean {
  const step = steps.find(({ name }) => name === declaredName(stepOf(fault)));
  return fault.at.startsWith('do ') && step !== undefined && isBeforePivot(step.kind);
}

function hasFired(planted: PlantedFault, { operations }: Participants, report?: SagaReport): boolean {
  const { kind, at } = planted.fault;
  if (kind !== 'deadline') return planted.fired;
  // The clock of a saga that unwinds is stopped: the attempt that came after the deadline says that it has passed.
  return at.startsWith('undo ') ? (operations.get(at)?.attempts ?? 0) > 1 : report?.deadline !== undefined;
}
