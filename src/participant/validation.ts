import { ParticipantError } from './errors';

/** Whatever turns unknown data into `T` or throws; a zod schema is one. */
export interface Schema<T> {
  parse(value: unknown): T;
}

/** The input breaks its contract, so the same input never succeeds. Names every problem, never the payload. */
export class InvalidInput extends ParticipantError {
  override readonly name = 'InvalidInput';

  constructor(problems: readonly string[]) {
    super('INVALID_INPUT', `The input must fit its contract: ${problems.join('; ')}`);
  }
}

/** @throws InvalidInput naming the path and the rule of each problem. */
export function parseInput<T>(schema: Schema<T>, value: unknown): T {
  try {
    return schema.parse(value);
  } catch (error) {
    throw new InvalidInput(problemsOf(error));
  }
}

/** @throws Error when a service answers outside its contract: a bug, which a fixed deploy cures. */
export function parseOutput<T>(schema: Schema<T>, value: unknown): T {
  try {
    return schema.parse(value);
  } catch (error) {
    // Without the cause: what a schema throws may quote the data, and this failure goes into a history.
    throw new Error(`The service's answer must fit its contract: ${problemsOf(error).join('; ')}`);
  }
}

function problemsOf(error: unknown): string[] {
  if (!(error instanceof Error)) return [String(error)];
  const { issues } = error as { issues?: { path: PropertyKey[]; message: string }[] };
  if (issues === undefined) return [error.message];
  return issues.map(({ path, message }) => `${path.map(String).join('.') || 'input'}: ${message}`);
}
