import { InvalidArgumentError } from 'commander';
import { type SagaState, sagaStates } from '../client';

/** Wrapped, so that `null` and `false` differ from an absent option. */
export interface Json {
  readonly value: unknown;
}

export function json(text: string): Json {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    throw new InvalidArgumentError('must be JSON');
  }
}

export function count(value: string): number {
  const parsed = /^\d+$/.test(value) ? Number(value) : 0;
  if (parsed > 0) return parsed;
  throw new InvalidArgumentError('must be a whole number from 1 up');
}

export function state(value: string): SagaState {
  const known = sagaStates.find((each) => each === value);
  if (known !== undefined) return known;
  throw new InvalidArgumentError(`must be one of ${sagaStates.join(', ')}`);
}

/** The name of a workflow function. It becomes part of a list filter. */
export function workflow(value: string): string {
  if (/^[^'"\\\p{Cc}]+$/u.test(value)) return value;
  throw new InvalidArgumentError('must be the name of a workflow, without quotes');
}
