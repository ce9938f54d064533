import { type CancellationScope, defineUpdate, setHandler } from '@temporalio/workflow';
import type { DeskAct, DeskDecision, ResolveDecision, RetryDecision, Signature } from './core/decisions';
import { refuseAbandon, refuseResolve, refuseRetry, refuseSkip } from './core/desk-checks';
import type { Driver } from './core/driver';
import type { Happened } from './core/events';
import { reject } from './failures';
import { awaitMilestone } from './milestone';
import { nestedReport } from './nested';
import type { Orchestrator } from './orchestrator';
import { fitting, reportQuery } from './report';
import { sdkWorkflow, untraced } from './sdk-workflow';
import { describeBy } from './snapshot';
import { acceptParts } from './stack-parts';
import { declarationOf } from './step';
import { admitBy, type Sent } from './watch-workflow';

/** Runs another round now, instead of at the end of the pause. */
export const retryStep = defineUpdate<DeskAct, [RetryDecision]>('retryStep');
/** The operator has done by hand what the step could not do. */
export const resolveStep = defineUpdate<DeskAct, [ResolveDecision]>('resolveStep');
/** Leaves a stuck compensation undone for good: the saga ends *partly compensated*. */
export const skipStep = defineUpdate<DeskAct, [DeskDecision]>('skipStep');
/** Gives the way forward up before the pivot, whatever the saga waits for: it unwinds. */
export const abandonSaga = defineUpdate<DeskAct, [Signature]>('abandonSaga');

const deskUpdates = new Set([retryStep, resolveStep, skipStep, abandonSaga].map(({ name }) => name));

/** Makes a saga reachable from outside: for its report, for the desk, and for a cancel of its workflow. */
export function openSaga(orchestrator: Orchestrator, workflow: CancellationScope): void {
  setHandler(reportQuery, () => fitting(orchestrator.publication.report), {
    description: 'What happened to every step of this saga',
  });
  openDesk(orchestrator);
  setHandler(nestedReport, (report) => orchestrator.nestedReported(report), {
    description: 'A nested saga says whether it is stuck',
  });
  acceptParts();
  const { driver, state } = orchestrator;
  if (state.express)
    admitBy(
      (sent) => admit(driver, sent),
      () => state.activated(),
    );
  if (workflow.consideredCancelled) orchestrator.interrupt('cancel');
  else {
    const cancelled = () => orchestrator.cancelled(sdkWorkflow().cancelCameAfterOthers);
    void untraced(() => workflow.cancelRequested.catch(cancelled));
  }
}

/**
 * Express: has what is sent to the body wait its turn. The desk decides at once: the step that is stuck would keep its turn
 * from coming. Who waits for a milestone changes nothing.
 */
function admit(driver: Driver, sent?: Sent): Promise<void> | undefined {
  if (sent?.update === awaitMilestone.name) return undefined;
  if (sent?.update === undefined || !deskUpdates.has(sent.update))
    return new Promise((letIn) => {
      const ticket = driver.ticketFor(() => letIn());
      driver.dispatch({ type: 'message-received', ticket, sentIn: sent?.task });
    });
  driver.dispatch({ type: 'to-be-recorded', task: sent.task });
  return undefined;
}

/** Opens the desk of a saga: its Updates, which the Web UI offers with these descriptions. */
function openDesk(orchestrator: Orchestrator): void {
  const { state, driver, publication } = orchestrator;
  /** @returns the act, which the event has recorded. */
  const act = (event: Happened): DeskAct => {
    driver.dispatch(event);
    return state.deskActs.at(-1) as DeskAct;
  };
  setHandler(
    retryStep,
    (decision) => {
      const entry = state.ledger.find(decision.step);
      const summary =
        entry && 'input' in decision ? describeBy(declarationOf(entry).summary, decision.input) : undefined;
      return act({ type: 'desk-retried', decision, summary });
    },
    {
      description: 'Run another round of a stuck step now: {step, actor, reason, ticket?, input?, output?}',
      validator: (decision) => reject(refuseRetry(state, decision)),
    },
  );
  setHandler(resolveStep, (decision) => act({ type: 'desk-resolved', decision }), {
    description: 'A stuck step was done by hand: {step, actor, reason, ticket?, output?}',
    validator: (decision) => reject(refuseResolve(state, decision)),
  });
  setHandler(skipStep, (decision) => act({ type: 'desk-skipped', decision }), {
    description: 'Leave a stuck compensation undone for good: {step, actor, reason, ticket?}',
    validator: (decision) => reject(refuseSkip(state, decision, Date.now())),
  });
  setHandler(
    abandonSaga,
    (signature) => {
      const done = act({ type: 'desk-abandoned', signature });
      orchestrator.interrupt('abandon');
      return done;
    },
    {
      description:
        'Give up before the pivot, whatever the saga waits for, and unwind: {actor, reason, ticket?}',
      validator: (signature) => reject(refuseAbandon(state, signature, publication.report.status)),
    },
  );
}
