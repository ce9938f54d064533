import type { ConnectionLike } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import type { Agenda } from './agenda';
import type { WorkflowWorker } from './workflow-worker';
import { durationMs, timestamp } from './events';
import type { Execution, PendingUpdate, QueryAnswer, Status } from './execution';
import { terminateExecution } from './closing';
import { resetExecution } from './reset';
import { admitUpdate } from './updates';
import type { Executions } from './executions';
import {
  ALREADY_EXISTS,
  FAILED_PRECONDITION,
  grpcError,
  INVALID_ARGUMENT,
  NOT_FOUND,
  UNAVAILABLE,
  UNIMPLEMENTED,
} from './grpc-error';
import { RequestLimits } from './request-limits';

import api = temporal.api.workflowservice.v1;

type Ref = temporal.api.common.v1.IWorkflowExecution | null | undefined;

const statuses: Readonly<Record<Status, number>> = {
  running: 1,
  completed: 2,
  failed: 3,
  canceled: 4,
  terminated: 5,
  'continued-as-new': 6,
  'timed-out': 7,
};

const COMPLETED_STAGE = 3;
const CLOSED_EVENTS = 2;

/** What clients ask Temporal for, by the names of its API. */
export class SimulatedService {
  private updates = 0;
  private readonly randomIds = new Map<string, string>();
  private readonly agenda: Agenda;
  private readonly limits: RequestLimits;

  constructor(
    private readonly executions: Executions,
    private readonly code: WorkflowWorker,
  ) {
    this.agenda = executions.agenda;
    this.limits = new RequestLimits(executions.limits);
  }

  async startWorkflowExecution(request: api.IStartWorkflowExecutionRequest) {
    await this.agenda.sent();
    const workflowId = request.workflowId ?? '';
    const known = this.executions.find({ workflowId });
    if (known?.isOpen && request.workflowIdConflictPolicy === USE_EXISTING)
      return api.StartWorkflowExecutionResponse.fromObject({ runId: known.start.runId, started: false });
    if (known && (known.isOpen || isRefused(known, request.workflowIdReusePolicy)))
      throw grpcError(ALREADY_EXISTS, `Workflow execution is already running or has closed: ${workflowId}`);
    this.limits.checkInput(request.input);
    this.limits.checkMemo(request.memo);
    const { start } = this.begin(request);
    await this.agenda.sent();
    return api.StartWorkflowExecutionResponse.fromObject({ runId: start.runId, started: true });
  }

  private begin(request: api.IStartWorkflowExecutionRequest): Execution {
    if (
      request.cronSchedule ||
      request.workflowStartDelay ||
      request.workflowRunTimeout ||
      request.retryPolicy
    )
      throw grpcError(
        UNIMPLEMENTED,
        'the simulation knows no cron, start delay, run timeout or retry of a workflow',
      );
    return this.executions.begin({
      workflowId: request.workflowId ?? '',
      workflowType: request.workflowType?.name ?? '',
      taskQueue: request.taskQueue?.name ?? '',
      input: request.input?.payloads ?? [],
      header: request.header ?? null,
      memo: request.memo ?? null,
      searchAttributes: request.searchAttributes ?? null,
      taskTimeoutMs: durationMs(request.workflowTaskTimeout) || 10_000,
      userMetadata: request.userMetadata ?? null,
    });
  }

  async signalWorkflowExecution(request: api.ISignalWorkflowExecutionRequest) {
    const execution = await this.open(request.workflowExecution);
    const { input, signalName, header } = request;
    this.limits.checkInput(input);
    this.limits.checkSignals(execution);
    this.executions.signal(execution, signalName ?? '', input?.payloads ?? [], header);
    refuseIfEnded(execution);
    await this.agenda.sent();
    return api.SignalWorkflowExecutionResponse.create();
  }

  async requestCancelWorkflowExecution(request: api.IRequestCancelWorkflowExecutionRequest) {
    const execution = await this.open(request.workflowExecution);
    this.executions.requestCancel(execution, request.reason ?? '');
    refuseIfEnded(execution);
    await this.agenda.sent();
    return api.RequestCancelWorkflowExecutionResponse.create();
  }

  async terminateWorkflowExecution(request: api.ITerminateWorkflowExecutionRequest) {
    terminateExecution(this.executions, await this.open(request.workflowExecution), request.reason ?? '');
    await this.agenda.sent();
    return api.TerminateWorkflowExecutionResponse.create();
  }

  async resetWorkflowExecution(request: api.IResetWorkflowExecutionRequest) {
    const base = await this.found(request.workflowExecution);
    const run = resetExecution(this.executions, base, {
      finishEventId: Number(request.workflowTaskFinishEventId),
      reason: request.reason ?? '',
      exclude: request.resetReapplyExcludeTypes ?? [],
    });
    if (!run) throw grpcError(INVALID_ARGUMENT, 'no workflow task ends at this event');
    await this.agenda.sent();
    return api.ResetWorkflowExecutionResponse.fromObject({ runId: run.start.runId });
  }

  async listWorkflowExecutions({ query }: api.IListWorkflowExecutionsRequest) {
    await this.agenda.sent();
    const [, workflowId] = /^WorkflowId = ("(?:[^"\\]|\\.)*")$/.exec(query ?? '') ?? [];
    if (workflowId === undefined)
      throw grpcError(UNIMPLEMENTED, `the simulation lists only what a WorkflowId names, not ${query ?? ''}`);
    const id = JSON.parse(workflowId) as string;
    const executions = this.executions.runs.filter(({ start }) => start.workflowId === id).map(infoOf);
    await this.agenda.sent();
    return api.ListWorkflowExecutionsResponse.fromObject({ executions });
  }

  async describeWorkflowExecution(request: api.IDescribeWorkflowExecutionRequest) {
    const execution = await this.found(request.execution);
    await this.agenda.sent();
    return api.DescribeWorkflowExecutionResponse.fromObject({
      executionConfig: {
        taskQueue: { name: execution.start.taskQueue },
        defaultWorkflowTaskTimeout: {
          seconds: Math.floor(execution.start.taskTimeoutMs / 1_000),
          nanos: (execution.start.taskTimeoutMs % 1_000) * 1e6,
        },
      },
      workflowExecutionInfo: infoOf(execution),
      ...(execution.task !== 'none' && { pendingWorkflowTask: { attempt: execution.taskAttempt } }),
    });
  }

  async getWorkflowExecutionHistory(request: api.IGetWorkflowExecutionHistoryRequest) {
    const execution = await this.found(request.execution);
    if (request.waitNewEvent)
      while (execution.isOpen) await new Promise<void>((resolve) => execution.watchers.push(resolve));
    await this.agenda.sent();
    const { events } = execution.history;
    const shown = request.historyEventFilterType === CLOSED_EVENTS ? events.slice(-1) : events;
    return api.GetWorkflowExecutionHistoryResponse.fromObject({ history: { events: shown } });
  }

  async queryWorkflow(request: api.IQueryWorkflowRequest) {
    const execution = await this.found(request.execution);
    const { queryType, queryArgs } = request.query ?? {};
    this.limits.checkInput(queryArgs);
    const queryId = `query-${++this.updates}`;
    const answer = await new Promise<QueryAnswer>((resolve) =>
      this.code.ask(execution, {
        job: {
          queryWorkflow: {
            queryId,
            queryType: queryType ?? '',
            arguments: queryArgs?.payloads ?? [],
            headers: {},
          },
        },
        answer: resolve,
      }),
    );
    await this.agenda.sent();
    if (answer === 'not ready') throw grpcError(FAILED_PRECONDITION, 'its workflow task is in failed state');
    const { failure, result } = answer;
    const refusal = failure ? (failure.message ?? '') : this.limits.refusalOfAnswer(result);
    if (refusal !== undefined) throw grpcError(INVALID_ARGUMENT, refusal);
    return api.QueryWorkflowResponse.fromObject({ queryResult: { payloads: result ? [result] : [] } });
  }

  async updateWorkflowExecution(request: api.IUpdateWorkflowExecutionRequest) {
    const execution = await this.open(request.workflowExecution);
    const asked = request.request ?? {};
    const id = this.idOf(asked.meta?.updateId);
    const admitted = { ...asked, meta: { ...asked.meta, updateId: id } };
    this.limits.checkUpdate(execution, id, admitted.input?.args);
    const update = admitUpdate(execution, id, admitted);
    return api.UpdateWorkflowExecutionResponse.fromObject(
      await this.awaitStage(execution, update, request.waitPolicy?.lifecycleStage ?? COMPLETED_STAGE),
    );
  }

  /** The id of an Update in histories: the SDK's client makes random ones, and the same seed gives the same history. */
  private idOf(given: string | null | undefined): string {
    if (given && !RANDOM.test(given)) return given;
    const known = given ? this.randomIds.get(given) : undefined;
    const id = known ?? `update-${++this.updates}`;
    if (given) this.randomIds.set(given, id);
    return id;
  }

  async pollWorkflowExecutionUpdate(request: api.IPollWorkflowExecutionUpdateRequest) {
    const execution = await this.found(request.updateRef?.workflowExecution);
    const update = execution.updates.get(this.idOf(request.updateRef?.updateId));
    if (!update) throw grpcError(NOT_FOUND, 'update not found');
    return api.PollWorkflowExecutionUpdateResponse.fromObject(
      await this.awaitStage(execution, update, request.waitPolicy?.lifecycleStage ?? COMPLETED_STAGE),
    );
  }

  async executeMultiOperation(request: api.IExecuteMultiOperationRequest) {
    const [first, second] = request.operations ?? [];
    const start = first?.startWorkflow ?? {};
    const startWorkflow = await this.startWorkflowExecution(start);
    const workflowExecution = { workflowId: start.workflowId ?? '' };
    const updateWorkflow = await this.updateWorkflowExecution({
      ...second?.updateWorkflow,
      workflowExecution,
    });
    return api.ExecuteMultiOperationResponse.fromObject({
      responses: [{ startWorkflow }, { updateWorkflow }],
    });
  }

  private async awaitStage(execution: Execution, update: PendingUpdate, stage: number) {
    const isThere = () => update.outcome ?? (stage < COMPLETED_STAGE && update.accepted !== undefined);
    while (!isThere() && execution.isOpen) {
      if (update.isLost) throw grpcError(UNAVAILABLE, 'the server was down');
      if (execution.isFailing) throw grpcError(FAILED_PRECONDITION, 'its workflow task is in failed state');
      await new Promise<void>((resolve) => update.watchers.push(resolve));
    }
    await this.agenda.sent();
    const { workflowId, runId } = execution.start;
    if (!isThere() && update.accepted === undefined)
      throw grpcError(NOT_FOUND, `workflow execution already completed: ${workflowId}`);
    const outcome = update.outcome ?? (execution.isOpen ? undefined : { failure: endedBefore });
    return {
      updateRef: { workflowExecution: { workflowId, runId }, updateId: update.id },
      stage: outcome ? COMPLETED_STAGE : 2,
      ...(outcome && { outcome }),
    };
  }

  private async found(ref: Ref): Promise<Execution> {
    await this.agenda.sent();
    const workflowId = ref?.workflowId ?? '';
    const execution = this.executions.find({ workflowId, ...(ref?.runId && { runId: ref.runId }) });
    if (execution) return execution;
    throw grpcError(NOT_FOUND, `workflow not found for ID: ${workflowId}`);
  }

  private async open(ref: Ref): Promise<Execution> {
    const execution = await this.found(ref);
    if (execution.isOpen) return execution;
    throw grpcError(NOT_FOUND, `workflow execution already completed: ${execution.start.workflowId}`);
  }
}

/** What would have gone past the limit of a history has ended the run instead: its client is told so. */
function refuseIfEnded({ isOpen, history }: Execution): void {
  const { reason } = history.events.at(-1)?.workflowExecutionTerminatedEventAttributes ?? {};
  if (!isOpen) throw grpcError(INVALID_ARGUMENT, reason ?? '');
}

/** As visibility and a description show it. */
function infoOf(execution: Execution) {
  const { start, history, memo, searchAttributes, startedAt, closedAt, status } = execution;
  return {
    execution: { workflowId: start.workflowId, runId: start.runId },
    type: { name: start.workflowType },
    startTime: timestamp(startedAt),
    executionTime: timestamp(startedAt),
    ...(closedAt !== undefined && { closeTime: timestamp(closedAt) }),
    status: statuses[status],
    historyLength: history.length,
    historySizeBytes: history.bytes,
    memo: { fields: memo },
    searchAttributes: { indexedFields: searchAttributes },
    taskQueue: start.taskQueue,
    firstRunId: start.firstRunId,
    rootExecution: start.root,
  };
}

/** A UUID. */
const RANDOM = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

const USE_EXISTING = 2;

const endedBefore = {
  message: 'Workflow Update failed because the Workflow completed before the Update completed.',
  applicationFailureInfo: { type: 'AcceptedUpdateCompletedWorkflow', nonRetryable: true },
};

/** What a start's reuse policy says about an id that a closed run has: 2 only after a failure, 3 never. */
function isRefused({ status }: Execution, policy: number | null | undefined): boolean {
  return policy === 3 || (policy === 2 && status === 'completed');
}

/** A connection to a simulated server: to be given to a `Client`. */
export function simulatedConnection(service: SimulatedService): ConnectionLike {
  const refusing = (name: string) => async () => {
    await Promise.resolve();
    throw grpcError(UNIMPLEMENTED, `the simulation does not know ${name}`);
  };
  const workflowService = new Proxy(service as unknown as Record<string, unknown>, {
    get: (target, name: string) => {
      const method = target[name];
      return typeof method === 'function' ? method.bind(target) : refusing(name);
    },
  });
  return {
    workflowService,
    operatorService: new Proxy({}, { get: (_, name: string) => refusing(name) }),
    plugins: [],
    close: async () => await Promise.resolve(),
    ensureConnected: async () => await Promise.resolve(),
    withDeadline: async (_deadline: unknown, run: () => Promise<unknown>) => await run(),
    withMetadata: async (_metadata: unknown, run: () => Promise<unknown>) => await run(),
    withAbortSignal: async (_signal: unknown, run: () => Promise<unknown>) => await run(),
  } as unknown as ConnectionLike;
}
