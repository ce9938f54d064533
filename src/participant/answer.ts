import { activityInfo } from '@temporalio/activity';
import { isDeepStrictEqual } from 'node:util';
import type { StepCall } from '../saga/call';
import type { ParticipantErrorCode } from './error-codes';
import { ParticipantError } from './errors';
import { findUnstorable } from './storable';
import { joinProblems, parseOutput, problemsOf, type Schema } from './validation';

/** What a saga's workflow takes as the answer of one step, in bytes of JSON: of a local activity it keeps several. */
const MAX_ANSWER_BYTES = 1_000_000;
const MAX_LOCAL_ANSWER_BYTES = 100_000;

/**
 * An action's answer, if its saga can be told and its compensation will be able to read it.
 * @throws ParticipantError `ANSWER_NOT_JSON`, `ANSWER_TOO_LARGE`: what cannot be told must not be done.
 */
export function parseAnswer<T>(schema: Schema<T>, value: unknown, call: StepCall): T {
  const answer = parseOutput(schema, value);
  const json = stringify(answer);
  const problems =
    json === undefined ? ['answer: it cannot be written as JSON'] : findLosses(json, answer, schema);
  if (problems.length > 0) {
    const code: ParticipantErrorCode = 'ANSWER_NOT_JSON';
    throw new ParticipantError(
      code,
      `${call.key}: the answer must come back from JSON as it is: ${joinProblems(problems)}`,
    );
  }
  const bytes = Buffer.byteLength(json ?? '');
  const max = activityInfo().isLocal ? MAX_LOCAL_ANSWER_BYTES : MAX_ANSWER_BYTES;
  if (bytes <= max) return answer;
  const code: ParticipantErrorCode = 'ANSWER_TOO_LARGE';
  throw new ParticipantError(code, `${call.key}: the answer has ${bytes} bytes as JSON, and may have ${max}`);
}

/**
 * What of an answer (B9) JSON does not hold, or its own schema does not accept from there. A field that is undefined is
 * as one that is absent, an answer of undefined is null, and -0 is 0.
 */
function findLosses(json: string, answer: unknown, schema: Schema<unknown>): string[] {
  const lost = [...findNonJson(answer ?? null, 'answer'), ...findUnstorable(answer, 'answer')];
  if (lost.length > 0) return lost;
  let again: string | undefined;
  try {
    again = stringify(schema.parse(JSON.parse(json)));
  } catch (error) {
    return problemsOf(error, 'answer');
  }
  const same = again !== undefined && isDeepStrictEqual(JSON.parse(again), JSON.parse(json));
  return same ? [] : ['answer: the schema reads another value from it than it returned'];
}

/** Undefined for a bigint, a cycle, and what is nested too deep. */
function stringify(value: unknown): string | undefined {
  try {
    return JSON.stringify(value ?? null) as string | undefined;
  } catch {
    return undefined;
  }
}

/** Names each part of a value that JSON drops or changes. */
function findNonJson(value: unknown, path: string): string[] {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return [];
  if (typeof value === 'number') return Number.isFinite(value) ? [] : [`${path}: ${value} is no JSON number`];
  if (Array.isArray(value))
    return Array.from(value).flatMap((one, index) => findNonJson(one, `${path}.${index}`));
  if (typeof value !== 'object') return [`${path}: ${typeof value} is no JSON`];
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && prototype !== Object.prototype) {
    return [`${path}: ${value.constructor?.name ?? 'an object of a class'} is no JSON`];
  }
  return Object.entries(value).flatMap(([key, one]) =>
    one === undefined ? [] : findNonJson(one, `${path}.${key}`),
  );
}
