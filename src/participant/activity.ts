import { activityInfo } from '@temporalio/activity';
import type { Action, Compensation, StepCall } from '../saga/call';
import { Barrier } from './barrier';
import type { AttemptOrigin } from './barrier-rows';
import { parseCall } from './call';
import type { Database, Transaction } from './database';
import type { ParticipantErrorCode } from './error-codes';
import { ParticipantError } from './errors';
import { toFailure } from './failure';
import { unstorable } from './storable';
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
      async (tx) => parseAnswer(contract.output, await work(tx, checked, checkedCall), checkedCall),
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
    await barrier.undo(
      checkedCall,
      fitting(contract.input, undo?.input),
      (tx, stored) => {
        const input = parseInput(contract.input, undo.input);
        const output = parseInput(contract.output, stored, 'stored answer');
        return work(tx, { input, output }, checkedCall);
      },
      deadline,
    );
  });
}

/**
 * The input as its action would have stored it. An action refuses to act on an input that does not fit, so its
 * compensation must succeed for want of anything to undo; what a participant of another version did all the same is
 * found by the input as it is.
 */
function fitting<T>(schema: Schema<T>, value: unknown): unknown {
  try {
    return parseInput(schema, value);
  } catch {
    return unstorable(value, 'input').length === 0 ? value : null;
  }
}

/** What a saga's workflow takes as the answer of one step, in bytes of JSON: of a local activity it keeps several. */
const MAX_ANSWER_BYTES = 1_000_000;
const MAX_LOCAL_ANSWER_BYTES = 100_000;

/** @throws ParticipantError `ANSWER_TOO_LARGE`: what cannot be told must not be done. */
function parseAnswer<T>(schema: Schema<T>, value: unknown, call: StepCall): T {
  const answer = parseOutput(schema, value);
  const bytes = Buffer.byteLength(JSON.stringify(answer) ?? '');
  const max = activityInfo().isLocal ? MAX_LOCAL_ANSWER_BYTES : MAX_ANSWER_BYTES;
  if (bytes <= max) return answer;
  const code: ParticipantErrorCode = 'ANSWER_TOO_LARGE';
  throw new ParticipantError(code, `${call.key}: the answer has ${bytes} bytes as JSON, and may have ${max}`);
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
