import { defineUpdate } from '@temporalio/workflow';
import type { DeskAct, DeskDecision, ResolveDecision, RetryDecision, Signature } from './core/desk';

/** Runs another round now, instead of at the end of the pause. */
export const retryStep = defineUpdate<DeskAct, [RetryDecision]>('retryStep');
/** The operator has done by hand what the step could not do. */
export const resolveStep = defineUpdate<DeskAct, [ResolveDecision]>('resolveStep');
/** Leaves a stuck compensation undone for good: the saga ends *partly compensated*. */
export const skipStep = defineUpdate<DeskAct, [DeskDecision]>('skipStep');
/** Gives the way forward up before the pivot, whatever the saga waits for: it unwinds. */
export const abandonSaga = defineUpdate<DeskAct, [Signature]>('abandonSaga');
