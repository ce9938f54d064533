import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, type WorkflowClientInterceptor } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { msOptionalToNumber } from '@temporalio/common/lib/time';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { bundleWorkflowCode } from '@temporalio/worker';
import { SagaClient, type SagaOutcome } from '../client';
import type { Placement, SagaReport, StepCall } from '../saga';
import { askForReport } from './ask';
import { Clock } from './clock';
import { type Fault, isBeforePivot, isReset, nameOf } from './fault';
import type { Observation } from './observation';
import { declaredName, type ParticipantInterceptor, Participants, type SeenOperation } from './participants';
import { InjectedFault } from './injected-fault';
import { recordsOf } from './records';
import { registerAttributes } from './register-attributes';
import { ResettableRun } from './reset';
import type { SagaUnderTest } from './saga-under-test';
import type { RunningSaga } from './running-saga';
import { holdOtherAnswers, injectAfter, injectDuring, stepOf } from './inject-fault';
import { injectReset, waitForCloseAfterResets } from './inject-reset';
import { UNPOLLED, type Unpolled } from './unpolled';
import { WITHIN_MS } from './until';
import { replaceableQueue, Workers } from './workers';

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
}

/** A saga that runs, and the client that may ask it. */
export interface AskedSaga {
  readonly sagaId: string;
  readonly client: SagaClient;
}

/**
 * Runs sagas against in-memory participants, which meet faults and keep a ledger of effects. Runs may overlap: each has
 * participants of its own. On a time-skipping server a saga may meet everything that takes time; resets, and an operation
 * that no worker takes, need a server with a real clock.
 */
export class SagaTestKit {
  private count = 0;
  /** Another kit on the same server must not find the sagas of this one. */
  private readonly name = randomUUID().slice(0, 4);

  private constructor(
    private readonly env: TestWorkflowEnvironment,
    private readonly clock: Clock,
    private readonly workers: Workers,
    private readonly runs: Set<Participants>,
  ) {}

  /** Whether the server's clock jumps whenever nothing runs. */
  get skipsTime(): boolean {
    return this.env.supportsTimeSkipping;
  }

  /**
   * Brings up the workers of sagas, and lets the server's clock jump whenever nothing runs, until {@link stop}.
   * @param env an environment, time-skipping or local, which the caller tears down and nothing else uses meanwhile.
   * @param options.workflowsPath the module that exports the workflow functions of the sagas. On a local environment a
   *   saga that is to meet `no-worker` needs a `stuck.scheduleToStartTimeout` of less than a second.
   */
  static async start(
    env: TestWorkflowEnvironment,
    options: { readonly workflowsPath: string; readonly sagas: readonly SagaUnderTest[] },
  ): Promise<SagaTestKit> {
    const { workflowsPath, sagas } = options;
    await registerAttributes(clientOf(env), sagas);
    const workflowBundle = await bundleWorkflowCode({
      workflowsPath,
      workflowInterceptorModules: [require.resolve('./unpolled')],
    });
    const runs = new Set<Participants>();
    const workers: Workers = new Workers(
      env.nativeConnection,
      workflowBundle,
      sagas,
      (argument, call): Promise<unknown> => kit.handle(argument, call),
      recordsOf(runs),
    );
    const kit: SagaTestKit = new SagaTestKit(env, new Clock(env), workers, runs);
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
   * @returns what came of it, right or wrong: {@link findBrokenPromises} and {@link findUnexpected} judge it.
   * @throws Error when the server's clock has come too far: each time that no run is under way takes it ten years on;
   *   and when the server has lost a task, which it does at times: then its clock stands still.
   */
  async run(saga: SagaUnderTest, options: RunOptions = {}): Promise<Observation> {
    const { definition } = saga;
    const { faults = [], placement = 'participants' } = options;
    const express = placement === 'express';
    const restarts = meetsRestart(faults);
    const { restartWorkers = () => this.restartWorkers() } = express ? NO_RESTART : options;
    const input = saga.input(`run-${this.name}-${++this.count}`);
    const sagaId = definition.idOf(input);
    const injected = faults.map((fault) => new InjectedFault(fault, msOptionalToNumber(definition.deadline)));
    const unserved = unpolledIn(faults, sagaId);
    const client = new SagaClient(this.clientFor(placement, unserved), {
      placements: { [definition.workflow]: placement },
    });
    const { onAction } = options;
    const watch = onAction && ((action: SeenOperation) => onAction(action, { sagaId, client }));
    const participants = new Participants(saga, sagaId, placement, injected, watch, options.interceptor);
    const problems: string[] = [];
    const problem = (text: string) => void problems.push(text);
    const { clock } = this;
    const afterwards: (() => Promise<void>)[] = [];
    const serveUnpolled = async () => {
      if (unserved) afterwards.push(await this.workers.serve(unserved.taskQueue));
    };
    const running: RunningSaga = {
      sagaId,
      client,
      participants,
      restartWorkers,
      clock,
      serveUnpolled,
      problem,
    };

    for (const one of injected) {
      if (!express && isActionBeforePivot(saga, one.fault))
        one.beforeFailure = () => holdOtherAnswers(running);
    }
    await clock.check();
    this.runs.add(participants);
    await client.start(restarts && !express ? withReplaceableWorkers(definition) : definition, input);
    const closed = this.waitForCloseInTime(running, injected);
    const injections = injected.map((one) => Promise.race([injectDuring(one, running), closed]));
    for (const injection of await Promise.allSettled(injections)) {
      if (injection.status === 'rejected') problem(`the fault went wrong: ${String(injection.reason)}`);
    }
    let outcome = await closed;
    for (const one of injected.filter(({ fault }) => fault.kind === 'reset-when-over')) {
      outcome = await this.resetWhenOver(one, running);
    }
    for (const one of injected) injectAfter(one, running);
    if (restarts) {
      const ids = participants.workflowIds;
      for (const id of express ? ids : ids.filter((one) => one !== sagaId)) await this.replay(id, problem);
    }
    const report = await askForReport(client, sagaId).catch(() => undefined);
    const tasks = await this.tasksOf(participants);
    for (const end of afterwards) await end();
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
    };
  }

  /** Resets a saga that is over, or one that was nested in it, and waits until all is over again. */
  private async resetWhenOver(injected: InjectedFault, running: RunningSaga): Promise<SagaOutcome<unknown>> {
    await injectReset(injected, running);
    const workflow = injected.fault.to?.workflow ?? '';
    if (workflow !== '') await this.waitForCloseInTime(running, [injected], `${running.sagaId}${workflow}`);
    return await this.waitForCloseInTime(running, [injected]);
  }

  private async tasksOf({
    workflowIds: [sagaId = '', ...others],
  }: Participants): Promise<Map<string, number>> {
    const tasks = new Map<string, number>();
    if (this.skipsTime) return tasks;
    for (const id of [sagaId, ...others]) {
      const run = await ResettableRun.of(clientOf(this.env), id);
      tasks.set(id.slice(sagaId.length), run.tasks.length);
    }
    return tasks;
  }

  private async replay(sagaId: string, problem: (text: string) => void): Promise<void> {
    const history = await clientOf(this.env).workflow.getHandle(sagaId).fetchHistory();
    await this.workers.replay(history, sagaId).catch((error: Error) => {
      problem(`a worker that knows only its history cannot go on with it: ${error.message}`);
    });
  }

  private clientFor(placement: Placement, unpolled: Unpolled | undefined): Client {
    return clientOf(this.env, [
      ...(placement === 'express' ? [withShortTasks] : []),
      ...(unpolled ? [withMemo(UNPOLLED, unpolled)] : []),
    ]);
  }

  private async handle(argument: unknown, call: StepCall): Promise<unknown> {
    const participants = [...this.runs].find((one) => one.has(call.sagaId));
    if (participants) return await participants.handle(argument, call);
    throw ApplicationFailure.nonRetryable(`${call.sagaId} is no run of this kit, or is over`, 'UNKNOWN_SAGA');
  }

  private async waitForCloseInTime(
    running: RunningSaga,
    injected: readonly InjectedFault[],
    id = running.sagaId,
  ): Promise<SagaOutcome<unknown>> {
    const { client, participants } = running;
    const timer = new AbortController();
    const tooLate = sleep(WITHIN_MS, undefined, { signal: timer.signal }).then(async () => {
      if (this.skipsTime) await this.refuseBrokenServer(participants.workflowIds);
      await client.temporal.workflow.getHandle(id).terminate(`it did not end within ${WITHIN_MS} ms`);
      return await client.waitForClose(id);
    });
    tooLate.catch(() => undefined);
    try {
      const wasReset = injected.some(({ fault }) => isReset(fault));
      const closed = wasReset ? waitForCloseAfterResets(running, injected, id) : client.waitForClose(id);
      return await Promise.race([closed, tooLate]);
    } finally {
      timer.abort();
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

function withMemo(name: string, value: unknown): WorkflowClientInterceptor {
  return {
    start: (input, next) =>
      next({ ...input, options: { ...input.options, memo: { ...input.options.memo, [name]: value } } }),
  };
}

/** The operation that is to find nobody at its task queue, if one is. */
function unpolledIn(faults: readonly Fault[], sagaId: string): Unpolled | undefined {
  const fault = faults.find(({ kind }) => kind === 'no-worker');
  return fault && { sagaId, at: fault.at, taskQueue: `${sagaId}, nobody's` };
}

/**
 * The SDK's workers do not end while a local activity runs, and do not run one without a memory of sagas. So an express
 * saga that is to meet a restart is replayed from its history when it is over.
 */
const NO_RESTART = { restartWorkers: () => Promise.resolve() };

function meetsRestart(faults: readonly Fault[]): boolean {
  return faults.some(({ kind }) => kind === 'worker-restart');
}

function withReplaceableWorkers(definition: SagaUnderTest['definition']): SagaUnderTest['definition'] {
  return { ...definition, taskQueue: replaceableQueue(definition.taskQueue) };
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
