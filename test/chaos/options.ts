import { parseArgs } from 'node:util';
import { z } from 'zod';

/** What can happen to the system while it works; `docs/reliability.md` says what each does. */
export const faultNames = [
  'kill-worker',
  'freeze-worker',
  'kill-postgres',
  'kill-temporal',
  'cut-connection',
  'duplicate',
  'crash-after-commit',
  'cancel',
  'stuck',
  'reset',
] as const;

export type FaultName = (typeof faultNames)[number];

/** `unwind`: the product. `sample`: the same services under a saga written by hand, in `sample-style/`. */
export type Style = 'unwind' | 'sample';

/**
 * @property sagas how many orders are placed; at least as many as there are kinds of them, so that each is there.
 * @property pooler whether the services reach their databases through a pgbouncer; undefined: if there is one.
 * @property home where the run keeps its state; given, the state is used again and kept. Absent: a new one, removed.
 */
export interface ChaosOptions {
  readonly sagas: number;
  readonly seed: number;
  readonly faults: readonly FaultName[];
  readonly style: Style;
  readonly json: boolean;
  readonly pooler: boolean | undefined;
  readonly home: string | undefined;
}

const wholeNumber = (minimum: number, maximum: number) => {
  const error = `must be a whole number from ${minimum} to ${maximum}`;
  return z
    .string()
    .regex(/^\d+$/, { error })
    .transform(Number)
    .pipe(z.number().min(minimum, { error }).max(maximum, { error }));
};

const schema = z.object({
  sagas: wholeNumber(20, 10_000).default(200),
  seed: wholeNumber(0, 2_147_483_647).optional(),
  faults: z
    .string()
    .transform((list) => (list === 'none' ? [] : list.split(',')))
    .pipe(z.array(z.enum(faultNames, { error: `must be "none", or some of ${faultNames.join(',')}` })))
    .default([...faultNames]),
  style: z.enum(['unwind', 'sample'], { error: 'must be unwind or sample' }).default('unwind'),
  json: z.boolean().default(false),
  pooler: z.boolean().optional(),
  home: z.string().min(1).optional(),
});

/** Arguments that break their rule. */
export class InvalidOption extends Error {
  readonly code = 'INVALID_OPTION';
}

/** @throws InvalidOption naming every argument that is wrong. */
export function readOptions(args: readonly string[]): ChaosOptions {
  const given = schema.safeParse(parse(args));
  if (!given.success) {
    const problems = given.error.issues.map(({ path, message }) => `--${String(path[0])} ${message}`);
    throw new InvalidOption(problems.join('; '));
  }
  const { seed = Math.floor(Math.random() * 2_147_483_647), home, pooler, ...rest } = given.data;
  return { ...rest, seed, home, pooler };
}

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const;
  const flag = { type: 'boolean' } as const;
  try {
    return parseArgs({
      args: [...args],
      options: { sagas: text, seed: text, faults: text, style: text, home: text, json: flag, pooler: flag },
      allowNegative: true,
    }).values;
  } catch (error) {
    throw new InvalidOption((error as Error).message);
  }
}
