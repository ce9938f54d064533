import { plainText } from '../saga/core/plain-text';
import type { ParticipantErrorCode } from './error-codes';
import { ParticipantError } from './errors';
import { findUnstorable } from './storable';

/** Whatever turns unknown data into `T` or throws; a zod schema is one. */
export interface Schema<T> {
  parse(value: unknown): T;
}

/** What a history has room for. */
const MAX_PROBLEMS = 10;
const MAX_PROBLEM_LENGTH = 150;

/** What an activity was given breaks its contract, so the same never succeeds. Names the problems, never the payload. */
export class InvalidInput extends ParticipantError {
  override readonly name = 'InvalidInput';

  /** @param name what the value is. */
  constructor(problems: readonly string[], name = 'input') {
    super(
      'INVALID_INPUT' satisfies ParticipantErrorCode,
      `The ${name} must fit its contract: ${joinProblems(problems)}`,
    );
  }
}

/**
 * @param name what the value is, where it is not the input.
 * @throws InvalidInput naming the path and the rule of each problem; also for text that the database cannot keep.
 */
export function parseInput<T>(schema: Schema<T>, value: unknown, name = 'input'): T {
  let parsed: T;
  try {
    parsed = schema.parse(value);
  } catch (error) {
    throw new InvalidInput(problemsOf(error, name), name);
  }
  const problems = findUnstorable(value, name);
  if (problems.length > 0) throw new InvalidInput(problems, name);
  return parsed;
}

/** @throws Error when a service answers outside its contract: a bug, which a fixed deploy cures. */
export function parseOutput<T>(schema: Schema<T>, value: unknown): T {
  try {
    return schema.parse(value);
  } catch (error) {
    // Without the cause: what a schema throws may quote the data, and this failure goes into a history.
    throw new Error(
      `The service's answer must fit its contract: ${joinProblems(problemsOf(error, 'answer'))}`,
    );
  }
}

/** The issues of zod by which a value of the right type breaks a rule. */
const RULES = ['too_small', 'too_big', 'not_multiple_of', 'invalid_format', 'custom', 'unrecognized_keys'];

/** Whether nothing but rules was broken, as far as a schema says so. */
export function breaksRulesOnly(error: unknown): boolean {
  const { issues = [] } = (error ?? {}) as { readonly issues?: readonly { readonly code?: string }[] };
  return issues.length > 0 && issues.every(({ code = '' }) => RULES.includes(code));
}

/** What a schema found wrong, by path. */
export function problemsOf(error: unknown, name: string): string[] {
  if (!(error instanceof Error)) return [String(error)];
  const { issues } = error as { issues?: { path: PropertyKey[]; message: string }[] };
  if (issues === undefined) return [error.message];
  return issues.map(({ path, message }) => `${path.map(String).join('.') || name}: ${message}`);
}

/** As many problems as a history has room for. */
export function joinProblems(problems: readonly string[]): string {
  const shown = problems.slice(0, MAX_PROBLEMS).map((problem) => plainText(problem, MAX_PROBLEM_LENGTH));
  const more = problems.length - shown.length;
  return `${shown.join('; ')}${more > 0 ? `; and ${more} more` : ''}`;
}
