import { msOptionalToNumber } from '@temporalio/common/lib/time';
import {
  ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  setHandler,
  sleep,
  type TemporalFailure,
  workflowInfo,
} from '@temporalio/workflow';
import { type CarriedSaga, carrySagaOver } from './continue-as-new';
import { CONTINUED_WITHOUT_SAGA, FAILED, SagaUsageError, UNSAFE_CRON, UNSAFE_TIMEOUT } from './core/failures';
import { reportable } from './core/plain-text';
import type { SagaDefinition } from './definition';
import { Milestones } from './milestone';
import { failureBehind, reasonOf } from './failures';
import { openSaga } from './handlers';
import { isExpress } from './memo';
import { parentOf } from './nested';
import { nestedResult } from './nested-child';
import { Orchestrator } from './orchestrator';
import { perWorkflow } from './per-workflow';
import { fitting } from './report';
import { type Saga, SagaBody } from './saga';
import { engineScope } from './scopes';
import { hide, promised, sdkWorkflow, type Shield, untraced } from './sdk-workflow';
import { requireWatched, takeCarried } from './watch-workflow';
import { previewUndo, undoPreviewQuery } from './undo-preview';

/**
 * Runs a saga: the body to its end, or, when it fails with a Temporal failure or is cancelled before its pivot,
 * the compensations of everything it did (S1–S5). Call it from a workflow function, once.
 *
 * @returns the body's result: the saga is *completed*.
 * @throws ApplicationFailure when the saga is *compensated*: its type is the code of what made it unwind, its
 *   details hold the {@link SagaReport} (S16).
 * @throws CancelledFailure when it is compensated because it was cancelled: the workflow closes as Canceled.
 * @throws any other error of the body as it is: it fails the workflow task and nothing is undone (S12).
 */
export function runSaga<Input, Result>(
  definition: SagaDefinition<Input, Result>,
  body: (saga: Saga) => Promise<Result>,
): Promise<Result> {
  try {
    requireWatched();
    refuseSecondSaga();
    const carried = takeCarried() as CarriedSaga | undefined;
    refuseUnsafeStart(carried);
    const workflow = CancellationScope.current();
    // The shield (S4): a cancel reaches the saga only through its state, which knows whether it is too late.
    const shield = sdkWorkflow().shield();
    return shield.run(() => startSaga(definition, body, { carried, workflow, shield }));
  } catch (error) {
    return Promise.reject(error as Error);
  }
}

/** What a run of a saga starts with. */
interface Start {
  readonly carried: CarriedSaga | undefined;
  /** The scope that a cancel of the workflow cancels. */
  readonly workflow: CancellationScope;
  readonly shield: Shield;
}

function startSaga<Input, Result>(
  definition: SagaDefinition<Input, Result>,
  body: (saga: Saga) => Promise<Result>,
  { carried, workflow, shield }: Start,
): Promise<Result> {
  const { workflowId, memo, startTime } = workflowInfo();
  const orchestrator = new Orchestrator({
    scope: shield.scope,
    policy: definition.stuck ?? {},
    express: isExpress(memo),
    maxHistoryEvents: definition.maxHistoryEvents,
    resets: { isNew: !carried },
  });
  const { state, driver } = orchestrator;
  if (carried) driver.dispatch({ type: 'restored', carried: carried.state });
  setHandler(undoPreviewQuery, () => previewUndo(state), {
    description: 'What would be undone if this saga failed now, in which order',
  });
  const endTask = () => driver.dispatch({ type: 'to-be-recorded', task: sdkWorkflow().task });
  const milestones = new Milestones(state, endTask, carried?.milestones);
  openSaga(orchestrator, workflow);
  orchestrator.publication.update();
  const startedAt = carried?.startedAt ?? startTime.getTime();
  startClock(msOptionalToNumber(definition.deadline), carried ? Date.now() - startedAt : 0, orchestrator);

  let result: Result | undefined;
  let isBusinessRefusal = carried?.benign ?? false;
  carrySagaOver(orchestrator, () => ({
    startedAt,
    milestones: milestones.entries,
    ...(isBusinessRefusal && { benign: true }),
  }));
  const returned = (value: Result) => {
    result = value;
    driver.bodyReturned();
  };
  const failed = (error: unknown) => {
    if (state.ending) return;
    const behind = failureBehind(error);
    // A programming error of the body fails the workflow task (S12).
    if (!behind) return orchestrator.failTask(reportable(error));
    void new Promise<void>((goOn) => driver.partFailed(goOn)).then(() => {
      isBusinessRefusal = behind instanceof ApplicationFailure && behind.category === 'BENIGN';
      driver.bodyFailed(reasonOf(behind));
    });
  };
  // What an earlier run has begun to undo has no body.
  if (!state.ending) {
    const running = body(new SagaBody(workflowId, orchestrator, milestones));
    const ended = (value: Result) => {
      const doubt = orchestrator.afterReset();
      if (doubt) void doubt.then(() => returned(value));
      else returned(value);
    };
    hide(running);
    void untraced(() => running.then(ended, failed));
  }
  const { promise: answered, resolve, reject } = promised<Result>();
  const answer = (value: unknown) => {
    shield.lift();
    resolve(value as Result);
  };
  const refuse = (error: unknown) => {
    shield.lift();
    reject(error);
  };
  const end = () => {
    if (state.phase !== 'completed') refuse(failureOf(orchestrator, isBusinessRefusal));
    // A nested saga's parent, and only it, gets the entries that are needed to reverse it.
    else if (parentOf(memo)) nestedResult(result, state, definition.stuck).then(answer, refuse);
    else answer(result);
  };
  orchestrator.run(() => (milestones.anyWaits ? void milestones.answered().then(end) : end()), refuse);
  return answered;
}

/** What an unwound saga closes with (S16). */
function failureOf({ state, publication }: Orchestrator, isBusinessRefusal: boolean): TemporalFailure {
  const report = fitting(publication.report);
  const { code = FAILED, message = '' } = state.reason ?? {};
  const failure =
    state.phase === 'cancelled'
      ? new CancelledFailure('cancelled, and unwound', [report])
      : ApplicationFailure.create({
          type: code,
          message,
          nonRetryable: true,
          details: [report],
          ...(isBusinessRefusal && !state.interruptions.unwoundBy && { category: 'BENIGN' as const }),
        });
  // It would show this code only, and adds a kilobyte to the history.
  failure.stack = '';
  return failure;
}

/** S8: the saga's deadline. @param passedMs since the saga began, in an earlier run. */
function startClock(deadlineMs: number | undefined, passedMs: number, orchestrator: Orchestrator): void {
  if (deadlineMs === undefined || orchestrator.state.interruptions.get('deadline')) return;
  const clock = engineScope({ cancellable: true });
  clock
    .run(() => sleep(Math.max(deadlineMs - passedMs, 1), { summary: 'deadline of the saga' }))
    .then(
      () => orchestrator.interrupt('deadline'),
      () => undefined,
    );
  orchestrator.onStopDeadline(() => clock.cancel());
}

const begun = perWorkflow(() => ({ saga: false }));

/** The keys of a saga's steps are those of its workflow. @throws SagaUsageError `SECOND_SAGA` */
function refuseSecondSaga(): void {
  const workflow = begun();
  if (workflow.saga)
    throw new SagaUsageError('SECOND_SAGA', 'a workflow runs one saga: make another a nested saga');
  workflow.saga = true;
}

/** @throws ApplicationFailure `UNSAFE_TIMEOUT`, `UNSAFE_CRON`, `CONTINUED_WITHOUT_SAGA` */
function refuseUnsafeStart(carried: CarriedSaga | undefined): void {
  refuseServerTimeouts();
  const { cronSchedule, continuedFromExecutionRunId } = workflowInfo();
  if (cronSchedule)
    throw ApplicationFailure.nonRetryable(
      'started with a cron schedule, which repeats the id of the saga and so the keys of its steps; use a Schedule, which gives each start an id',
      UNSAFE_CRON,
    );
  if (continuedFromExecutionRunId && !carried)
    throw ApplicationFailure.nonRetryable(
      `continued as new outside a saga, under an id whose keys the run ${continuedFromExecutionRunId} has used; continue as new in the saga's body`,
      CONTINUED_WITHOUT_SAGA,
    );
}

/** S14: a server-side timeout kills the workflow with no chance to compensate. */
function refuseServerTimeouts(): void {
  const { executionTimeoutMs = Infinity, runTimeoutMs = Infinity } = workflowInfo();
  const timeout = Math.min(executionTimeoutMs || Infinity, runTimeoutMs || Infinity);
  if (timeout >= HARMLESS_TIMEOUT_MS) return;
  throw ApplicationFailure.nonRetryable(
    `started with a workflow execution or run timeout of ${timeout} ms, which would kill its compensations; start it without one`,
    UNSAFE_TIMEOUT,
  );
}

/** The time-skipping test server gives every workflow ten years. */
const HARMLESS_TIMEOUT_MS = 365 * 24 * 3_600_000;
