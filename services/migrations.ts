import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ClientBase } from 'pg';
import { barrierMigrations } from '../src/participant';
import { ProvisionError } from './errors';
import type { ServiceName } from './names';

interface Migration {
  readonly name: string;
  readonly sql: string;
}

/**
 * Applies the migrations that the service's database lacks, in the order of their names, inside the caller's
 * transaction: those of the barrier first, then `<service>/migrations/*.sql`.
 *
 * @throws ProvisionError MIGRATION_CHANGED when an applied migration was edited since.
 */
export async function applyMigrations(client: ClientBase, service: ServiceName): Promise<void> {
  await client.query(
    `CREATE TABLE IF NOT EXISTS migrations (
       name text PRIMARY KEY, checksum text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now())`,
  );
  const { rows } = await client.query<{ name: string; checksum: string }>(
    'SELECT name, checksum FROM migrations',
  );
  const applied = new Map(rows.map((row) => [row.name, row.checksum]));
  for (const { name, sql } of await migrationsOf(service)) {
    const checksum = createHash('sha256').update(sql).digest('hex');
    const known = applied.get(name);
    if (known === checksum) continue;
    if (known !== undefined) {
      throw new ProvisionError(
        'MIGRATION_CHANGED',
        `An applied migration stays as it is, but ${service}/${name} was edited.`,
        'Put it back, and write a new migration.',
      );
    }
    await client.query(sql);
    await client.query('INSERT INTO migrations (name, checksum) VALUES ($1, $2)', [name, checksum]);
  }
}

/** The SQL that adds the service's missing seed data. */
export function readSeed(service: ServiceName): Promise<string> {
  return readFile(join(folderOf(service), 'seed.sql'), 'utf8');
}

async function migrationsOf(service: ServiceName): Promise<Migration[]> {
  const folder = join(folderOf(service), 'migrations');
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
  const own = await Promise.all(
    names.map(async (name) => ({ name, sql: await readFile(join(folder, name), 'utf8') })),
  );
  return [...barrierMigrations, ...own];
}

/** The compiler copies no .sql files, so they are read from the sources, also by compiled code. */
function folderOf(service: ServiceName): string {
  let root = __dirname;
  while (!existsSync(join(root, 'package.json'))) root = dirname(root);
  return join(root, 'services', service);
}
