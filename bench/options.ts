import { parseArgs } from 'node:util';
import { SetupError } from '../src/worker';

/** What a run of the benchmark measures, and how often. */
export interface Options {
  /** Compares what does not depend on the machine with the stored bounds, and measures nothing else. */
  readonly check: boolean;
  /** Prints the whole result as JSON, and no table. */
  readonly json: boolean;
  /** The page of docs/ that the result is written into, with its chart. */
  readonly docs: string | undefined;
  /** A file with an earlier result as JSON, which is reported again. */
  readonly from: string | undefined;
  /** Names of contenders; all by default. */
  readonly only: readonly string[] | undefined;
  readonly rounds: number;
  /** How long new orders begin in a load; longer where it takes that long to fulfil enough of them. */
  readonly seconds: number;
  /** Orders at once, under load: the last one is what CPU times and percentiles are read at. */
  readonly concurrency: readonly number[];
}

/** Unwind beside the same by hand, and everybody who takes part. */
const pages = ['performance', 'peers'];

/** @throws SetupError `INVALID_SETTING` */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      check: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      docs: { type: 'string' },
      from: { type: 'string' },
      only: { type: 'string' },
      // Even: every second round is in the opposite order, and whom a contender comes after counts.
      rounds: { type: 'string', default: '4' },
      seconds: { type: 'string', default: '10' },
      concurrency: { type: 'string', default: '20,60' },
    },
  });
  const { docs } = values;
  if (docs !== undefined && !pages.includes(docs))
    throw new SetupError(
      'INVALID_SETTING',
      `--docs ${docs} is no page.`,
      `Take one of: ${pages.join(', ')}.`,
    );
  return {
    check: values.check,
    json: values.json,
    docs,
    from: values.from,
    only: values.only?.split(','),
    rounds: numberOf('rounds', values.rounds),
    seconds: numberOf('seconds', values.seconds),
    concurrency: values.concurrency.split(',').map((each) => numberOf('concurrency', each)),
  };
}

/** @throws SetupError `INVALID_SETTING` */
export function numberOf(name: string, text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new SetupError(
    'INVALID_SETTING',
    `--${name} must be a number from 1; it is "${text}".`,
    'Correct it.',
  );
}
