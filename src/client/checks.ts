import type { Priority } from '@temporalio/common';
import { isUndoWorkflowId } from '../saga/core/ids';
import { jsonBytes } from '../saga/core/payload-size';
import { isWellFormed } from '../saga/core/plain-text';
import { priorityProblem } from '../saga/priority';
import { SagaClientError } from './errors';

/** What the server takes in one message is 2 MiB; the rest is for what the client adds. */
const MAX_INPUT_BYTES = 2_000_000;
/** In characters. A Temporal server on PostgreSQL or MySQL keeps 255. */
const MAX_ID_LENGTH = 255;

/** @throws SagaClientError `SAGA_ID_INVALID`: the server could not keep this id, or would keep another one. */
export function checkSagaId(sagaId: string): void {
  const valid =
    typeof sagaId === 'string' &&
    sagaId.length >= 1 &&
    sagaId.length <= MAX_ID_LENGTH &&
    isWellFormed(sagaId) &&
    !/\p{Cc}/u.test(sagaId);
  if (valid) return;
  throw new SagaClientError(
    'SAGA_ID_INVALID',
    String(sagaId),
    `the id of a saga must have 1 to ${MAX_ID_LENGTH} characters, none of them a control character or half a pair`,
  );
}

/** As {@link checkSagaId}, for a saga that is to be started. @throws SagaClientError `SAGA_ID_INVALID` */
export function checkNewSagaId(sagaId: string): void {
  checkSagaId(sagaId);
  if (!isUndoWorkflowId(sagaId)) return;
  throw new SagaClientError(
    'SAGA_ID_INVALID',
    sagaId,
    'the id of a saga must not end in -rescue or -reverse: such are the ids of what undoes a saga',
  );
}

/** @throws SagaClientError `INPUT_NOT_JSON`, `INPUT_TOO_LARGE`: what the server could not take. */
export function checkInput(sagaId: string, input: unknown): void {
  let bytes: number;
  try {
    bytes = jsonBytes(input);
  } catch (error) {
    const message = `what is sent must be JSON: ${(error as Error).message}`;
    throw new SagaClientError('INPUT_NOT_JSON', sagaId, message, { cause: error });
  }
  if (bytes <= MAX_INPUT_BYTES) return;
  const message = `what is sent has ${bytes} bytes as JSON, and may have ${MAX_INPUT_BYTES}`;
  throw new SagaClientError('INPUT_TOO_LARGE', sagaId, message);
}

/** @throws SagaClientError `PRIORITY_INVALID`: the server would refuse it, or use another one. */
export function checkPriority(sagaId: string, priority: Priority): void {
  const problem = priorityProblem(priority);
  if (problem !== undefined) throw new SagaClientError('PRIORITY_INVALID', sagaId, problem);
}
