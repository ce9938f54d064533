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

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
/** The longest delay of a timer. */
const MAX_DURATION_MS = 24 * 86_400_000;

/** `15s`, `5m`, `12h`, from one second up to 24 days. @returns milliseconds */
export function duration(value: string): number {
  const [, number = '', unit = ''] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(value) ?? [];
  const ms = Number(number) * (UNITS[unit] ?? 0);
  if (ms >= 1_000 && ms <= MAX_DURATION_MS) return ms;
  throw new InvalidArgumentError('must be a duration from 1s to 24d, such as 15s, 5m or 12h');
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
