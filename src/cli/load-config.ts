import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { createJiti } from 'jiti';
import { z } from 'zod';
import { CommandError } from './command-error';
import type { UnwindConfig } from './config';

const NAMES = ['ts', 'mts', 'cts', 'js', 'mjs', 'cjs'].map((extension) => `unwind.config.${extension}`);

const callable = z.custom<unknown>((value) => typeof value === 'function', 'must be a function');
const definition = z.looseObject({
  workflow: z.string().min(1),
  taskQueue: z.string().min(1),
  idOf: callable,
});
const shape = z.strictObject({
  sagas: z
    .array(z.strictObject({ definition, input: z.looseObject({ safeParse: callable }).optional() }))
    .optional(),
  connect: callable.optional(),
  records: callable.optional(),
  rescueQueue: z.string().min(1).optional(),
  placements: z.record(z.string(), z.string()).optional(),
});

/**
 * The configuration of a project.
 * @param file the file; otherwise one of that name in the directory, if there is one.
 * @throws CommandError `CONFIG_INVALID`
 */
export async function loadConfig(directory: string, file?: string): Promise<UnwindConfig> {
  const path = file === undefined ? findConfig(directory) : resolve(directory, file);
  if (path === undefined) return {};
  const loaded = await load(path);
  const checked = shape.safeParse(loaded);
  if (checked.success) return loaded as UnwindConfig;
  const problems = checked.error.issues.map(
    ({ path: at, message }) => `${at.join('.') || '(top)'}: ${message}`,
  );
  throw invalid(`${path} is not a configuration:\n  - ${problems.join('\n  - ')}`);
}

function findConfig(directory: string): string | undefined {
  return NAMES.map((name) => resolve(directory, name)).find((path) => existsSync(path));
}

async function load(path: string): Promise<unknown> {
  try {
    return await createJiti(__filename).import(path, { default: true });
  } catch (error) {
    throw invalid(`${path} cannot be loaded: ${(error as Error).message}`, error);
  }
}

function invalid(message: string, cause?: unknown): CommandError {
  const hint = 'It must export the result of defineConfig (unwind/cli) as its default.';
  return new CommandError('CONFIG_INVALID', message, hint, { cause });
}
