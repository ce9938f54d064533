import { activityInfo } from '@temporalio/activity';
import type { Operation, StepCall } from '../saga/call';
import { findUnstorable } from './storable';
import { InvalidInput } from './validation';

/** In characters: an index of PostgreSQL keeps 2,704 bytes of the barrier's key. */
const MAX_LENGTHS = { namespace: 255, sagaId: 255, step: 255, key: 1_000 };

/** What a call may say besides; a newer caller may say more. */
const OPTIONAL = {
  reason: 'string',
  kind: 'string',
  compensation: 'string',
  corrected: 'boolean',
  correctedOutput: 'boolean',
} as const;

/**
 * Checks what came over the wire as the second argument. An orchestrator of an older version does not name its
 * namespace, which is that of the activity.
 * @throws InvalidInput naming what is missing or wrong.
 */
export function parseCall(value: unknown, op: Operation): StepCall {
  const said = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  const call: Record<string, unknown> = { namespace: activityInfo().namespace, ...said };
  const problems = Object.entries(MAX_LENGTHS)
    .filter(([field, max]) => !isText(call[field], max))
    .map(([field, max]) => `call.${field}: must be a string of 1 to ${max} characters`);
  if (call.op !== op) problems.push(`call.op: must be '${op}'`);
  for (const [field, type] of Object.entries(OPTIONAL)) {
    const given = call[field];
    if (given !== undefined && typeof given !== type) problems.push(`call.${field}: must be a ${type}`);
  }
  if (call.began !== undefined && !Number.isSafeInteger(call.began))
    problems.push('call.began: must be a whole number');
  problems.push(...findUnstorable(call, 'call'));
  if (problems.length > 0) throw new InvalidInput(problems);
  return call as unknown as StepCall;
}

function isText(value: unknown, max: number): boolean {
  return typeof value === 'string' && value.length >= 1 && value.length <= max;
}
