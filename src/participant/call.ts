import type { Operation, StepCall } from '../saga/call';
import { InvalidInput } from './validation';

/** Checks what came over the wire as the second argument. Throws INVALID_INPUT naming what is missing. */
export function parseCall(value: unknown, op: Operation): StepCall {
  const call = (typeof value === 'object' && value !== null ? value : {}) as Partial<StepCall>;
  const problems = (['sagaId', 'step', 'key'] as const)
    .filter((field) => typeof call[field] !== 'string' || call[field] === '')
    .map((field) => `call.${field}: must be a non-empty string`);
  if (call.op !== op) problems.push(`call.op: must be '${op}'`);
  if (problems.length > 0) throw new InvalidInput(problems);
  return call as StepCall;
}
