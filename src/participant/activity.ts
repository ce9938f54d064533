import type { Action, Compensation, StepCall } from '../saga/call';
import { parseAnswer } from './answer';
import { attemptDeadline, attemptOrigin, runUnlessCancelled, toActivity } from './attempt';
import { Barrier, type CompletedAction } from './barrier';
import { parseCall } from './call';
import { type Contract, readCompletedAction } from './contract';
import { clockOf, type Database } from './database';
import { requireJsonSchema } from './schema-structure';
import { findUnstorable } from './storable';
import type { Transaction } from './transaction';
import { parseInput } from './validation';

/**
 * Makes a business function a Temporal activity that acts at most once (B1): checks the input, runs `work`
 * behind the barrier, checks the answer before it is committed. Sends heartbeats while `work` runs, if the step declares
 * them; an attempt that is cancelled commits nothing. Fails as {@link toFailure} says.
 *
 * @throws ParticipantError `ANSWER_NOT_JSON`, at once, for a zod schema of the output that JSON cannot hold.
 */
export function action<Input, Output>(
  database: Database,
  contract: Contract<Input, Output>,
  work: (tx: Transaction, input: Input, call: StepCall) => Promise<Output>,
): Action<Input, Output> {
  requireJsonSchema(contract.output);
  const barrier = new Barrier(database);
  return toActivity(async (input, call) => {
    const deadline = attemptDeadline(clockOf(database));
    const checkedCall = parseCall(call, 'do');
    // A copy, as a schema may hand on what it was given, and the business code may change that.
    const checked = parseInput(contract.input, structuredClone(input));
    return barrier.do<unknown, Output>(
      checkedCall,
      input,
      (tx) =>
        runUnlessCancelled(async () =>
          parseAnswer(contract.output, await work(tx, checked, checkedCall), checkedCall),
        ),
      deadline,
      attemptOrigin(),
    );
  });
}

/**
 * Makes a business function the compensation of an action: `work` runs once, and only if the action was
 * done; an action that never came is blocked instead (B3). It gets what the action stored (B9), or what an operator has
 * corrected. Heartbeats and cancellation as in {@link action}. Fails as {@link toFailure} says.
 */
export function compensation<Input, Output>(
  database: Database,
  contract: Contract<Input, Output>,
  work: (tx: Transaction, done: CompletedAction<Input, Output>, call: StepCall) => Promise<void>,
): Compensation<Input, Output> {
  const barrier = new Barrier(database);
  return toActivity(async (undo, call) => {
    const deadline = attemptDeadline(clockOf(database));
    const checkedCall = parseCall(call, 'undo');
    await barrier.undo<unknown, unknown>(
      checkedCall,
      storableOrNull(undo?.input),
      (tx, stored) =>
        runUnlessCancelled(() =>
          work(tx, readCompletedAction(contract, stored, undo, checkedCall), checkedCall),
        ),
      deadline,
    );
  });
}

/** An action refuses an input that the database cannot keep, so there is nothing to undo of it: only to block. */
function storableOrNull(input: unknown): unknown {
  return findUnstorable(input, 'input').length === 0 ? input : null;
}
