import { activityInfo, Context } from '@temporalio/activity';
import type { AttemptOrigin } from './barrier-rows';
import { toFailure } from './failure';

/** How many heartbeats fit into the time within which the server expects one. */
const HEARTBEATS_PER_TIMEOUT = 4;

/** When the server gives this attempt up; nothing but the statement limit bounds one without a timeout. */
export function attemptDeadline(now: () => number): number | undefined {
  const { startToCloseTimeoutMs } = activityInfo();
  return startToCloseTimeoutMs > 0 ? now() + startToCloseTimeoutMs : undefined;
}

export function attemptOrigin(): AttemptOrigin {
  const { taskQueue, startToCloseTimeoutMs } = activityInfo();
  return { taskQueue, ...(startToCloseTimeoutMs > 0 && { startToCloseMs: startToCloseTimeoutMs }) };
}

/**
 * Makes an activity of a function: sends heartbeats while it runs, if its step asks for them, and fails as
 * {@link toFailure} says.
 */
export function toActivity<Args extends unknown[], Result>(
  run: (...args: Args) => Promise<Result>,
): (...args: Args) => Promise<Result> {
  return async (...args) => {
    const stop = startHeartbeats();
    try {
      return await run(...args);
    } catch (error) {
      throw toFailure(error);
    } finally {
      stop();
    }
  };
}

/** Without details. They show the server that this process lives, and bring a cancellation here. */
function startHeartbeats(): () => void {
  const context = Context.current();
  const { heartbeatTimeoutMs } = context.info;
  if (heartbeatTimeoutMs === undefined || heartbeatTimeoutMs <= 0) return () => undefined;
  context.heartbeat();
  const timer = setInterval(() => context.heartbeat(), heartbeatTimeoutMs / HEARTBEATS_PER_TIMEOUT);
  return () => clearInterval(timer);
}

/**
 * Runs business code, unless the attempt was cancelled. Code that goes on after it was cancelled is waited for, as its
 * transaction is still in use.
 * @throws CancelledFailure, so that nothing of it is committed.
 */
export async function runUnlessCancelled<Result>(work: () => Promise<Result>): Promise<Result> {
  const { cancellationSignal } = Context.current();
  cancellationSignal.throwIfAborted();
  const result = await work();
  cancellationSignal.throwIfAborted();
  return result;
}
