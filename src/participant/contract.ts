import type { StepCall, Undo } from '../saga/call';
import type { CompletedAction } from './barrier';
import { isPlain } from './schema-structure';
import { breaksRulesOnly, InvalidInput, parseInput, problemsOf, type Schema } from './validation';

/**
 * The contract of an action, which its compensation shares. The barrier keeps the input as it was sent and the output as
 * JSON; the schemas are for the business code (B9).
 */
export interface Contract<Input, Output> {
  readonly input: Schema<Input>;
  /** Must accept, as JSON, what it returned: it reads the stored answer when the action is undone. */
  readonly output: Schema<Output>;
  /**
   * Reads what actions of older versions stored, where today's schemas do not: only a compensation asks it. Needed for an
   * incompatible change. A stricter rule (a length, a format, a field that is no longer known) is compatible with a zod schema.
   */
  readonly stored?: {
    readonly input?: Schema<Input>;
    readonly output?: Schema<Output>;
  };
}

/**
 * What a compensation's business function gets: what an operator has corrected, and otherwise what the action stored.
 *
 * What today's schema does not accept is read by `stored` of the contract. Without it, a value that breaks nothing but
 * rules (a length, a format, a field that is no longer known) still is of today's type, and goes on as it was stored, if
 * the schema is one of zod that changes nothing it accepts.
 * @throws InvalidInput naming what cannot be read; `stored`, or the desk, is what helps.
 */
export function readCompletedAction<Input, Output>(
  { input, output, stored = {} }: Contract<Input, Output>,
  done: CompletedAction<unknown, unknown>,
  undo: Undo<unknown, unknown> | undefined,
  call: StepCall,
): CompletedAction<Input, Output> {
  return {
    input: call.corrected
      ? parseInput(input, undo?.input, 'corrected input')
      : readStored(input, stored.input, done.input, 'stored input'),
    output: call.correctedOutput
      ? parseInput(output, undo?.output, 'corrected output')
      : readStored(output, stored.output, done.output, 'stored output'),
  };
}

function readStored<T>(today: Schema<T>, older: Schema<T> | undefined, value: unknown, name: string): T {
  try {
    return today.parse(value);
  } catch (error) {
    if (older) return parseInput(older, value, name);
    if (breaksRulesOnly(error) && isPlain(today)) return value as T;
    throw new InvalidInput(problemsOf(error, name), name);
  }
}
