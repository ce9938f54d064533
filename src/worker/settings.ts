import { z } from 'zod';
import { SetupError } from './setup-error';

/** Settings by name. An empty value counts as absent, as docker-compose and CI systems produce it. */
export type Settings = Readonly<Record<string, string | undefined>>;

export const logLevel = z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent']);

/** A `postgres://` URL. */
export const databaseUrl = z
  .url({ protocol: /^postgres(ql)?$/, error: 'must be a postgres:// URL', abort: true })
  .refine(isDecodable, 'must be a postgres:// URL whose parts are percent-encoded');

/** The database's client decodes each part, and throws where that fails. */
function isDecodable(url: string): boolean {
  try {
    decodeURIComponent(url);
    return true;
  } catch {
    return false;
  }
}

/** A whole number written in decimal. */
export function wholeNumber(minimum: number, maximum: number) {
  const error = `must be a whole number from ${minimum} to ${maximum}`;
  return z
    .string()
    .regex(/^\d+$/, { error })
    .transform(Number)
    .pipe(z.int({ error }).min(minimum, { error }).max(maximum, { error }));
}

/** A TCP port. */
export const port = wholeNumber(1, 65_535);

/** Checks settings against their schema and keeps every problem for {@link throwProblems}. */
export function parseSettings<Schema extends z.ZodObject>(
  schema: Schema,
  settings: Settings,
  problems: string[],
  nameOf = (key: string) => key,
): z.output<Schema> | undefined {
  const given = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== ''));
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues) {
    const key = String(issue.path[0]);
    problems.push(`${nameOf(key)} ${issue.message}${shown(key, given[key])}`);
  }
  return undefined;
}

/** URLs may hold passwords, so their value stays out of messages and logs. */
function shown(key: string, value: string | undefined): string {
  return value === undefined || key.endsWith('_URL') ? '' : `; it is "${value}"`;
}

/** @throws SetupError `INVALID_SETTING` with every problem, when there is one. */
export function throwProblems(problems: readonly string[]): void {
  if (problems.length === 0) return;
  // A general setting is wrong for each worker that reads it.
  const all = [...new Set(problems)];
  throw new SetupError(
    'INVALID_SETTING',
    `${all.length === 1 ? 'A setting is' : 'Settings are'} wrong:\n  - ${all.join('\n  - ')}`,
    'They are read from the environment; docs/configuration.md lists them all.',
  );
}
