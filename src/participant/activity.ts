import { activityInfo } from '@temporalio/activity';
import type { Action, Compensation, StepCall } from '../saga/call';
import { Barrier } from './barrier';
import type { AttemptOrigin } from './barrier-rows';
import { parseCall } from './call';
import type { Database, Transaction } from './database';
import { toFailure } from './failure';
import type { Schema } from './validation';
import { parseInput, parseOutput } from './validation';

/** The contract of an action, which its compensation shares. */
export interface Contract<Input, Output> {
  readonly input: Schema<Input>;
  readonly output: Schema<Output>;
}

/** What a compensation undoes: the action's input, and the output that the barrier stored. */
export interface Done<Input, Output> {
  readonly input: Input;
  readonly output: Output;
}

/**
 * Makes a business function a Temporal activity that acts at most once (B1): checks the input, runs `work`
 * behind the barrier, checks the answer before it is committed. Fails as {@link toFailure} says.
 */
export function action<Input, Output>(
  database: Database,
  contract: Contract<Input, Output>,
  work: (tx: Transaction, input: Input, call: StepCall) => Promise<Output>,
): Action<Input, Output> {
  const barrier = new Barrier(database);
  return reportingFailures(async (input, call) => {
    const deadline = attemptDeadline();
    const checkedCall = parseCall(call, 'do');
    const checked = parseInput(contract.input, input);
    return barrier.do(
      checkedCall,
      checked,
      async (tx) => parseOutput(contract.output, await work(tx, checked, checkedCall)),
      deadline,
      attemptOrigin(),
    );
  });
}

/**
 * Makes a business function the compensation of an action: `work` runs once, and only if the action was
 * done; an action that never came is blocked instead (B3). Fails as {@link toFailure} says.
 */
export function compensation<Input, Output>(
  database: Database,
  contract: Contract<Input, Output>,
  work: (tx: Transaction, done: Done<Input, Output>, call: StepCall) => Promise<void>,
): Compensation<Input, Output> {
  const barrier = new Barrier(database);
  return reportingFailures(async (undo, call) => {
    const deadline = attemptDeadline();
    const checkedCall = parseCall(call, 'undo');
    await barrier.undo<Input | null, Output>(
      checkedCall,
      fitting(contract.input, undo?.input),
      (tx, output) => work(tx, { input: parseInput(contract.input, undo.input), output }, checkedCall),
      deadline,
    );
  });
}

/**
 * The input if it fits its schema, else null. An action refuses to act on an input that does not fit, so its
 * compensation must succeed for want of anything to undo; were something done all the same, null conflicts with it.
 */
function fitting<T>(schema: Schema<T>, value: unknown): T | null {
  try {
    return schema.parse(value);
  } catch {
    return null;
  }
}

/** When the server gives this attempt up; nothing but the statement limit bounds one without a timeout. */
function attemptDeadline(): number | undefined {
  const { startToCloseTimeoutMs } = activityInfo();
  return startToCloseTimeoutMs > 0 ? Date.now() + startToCloseTimeoutMs : undefined;
}

function attemptOrigin(): AttemptOrigin {
  const { namespace, taskQueue, startToCloseTimeoutMs } = activityInfo();
  return {
    namespace,
    taskQueue,
    ...(startToCloseTimeoutMs > 0 && { startToCloseMs: startToCloseTimeoutMs }),
  };
}

function reportingFailures<Args extends unknown[], Result>(
  run: (...args: Args) => Promise<Result>,
): (...args: Args) => Promise<Result> {
  return async (...args) => {
    try {
      return await run(...args);
    } catch (error) {
      throw toFailure(error);
    }
  };
}
