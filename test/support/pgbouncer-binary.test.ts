import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findPgbouncer } from './pgbouncer-binary';

let directory: string;
let env: NodeJS.ProcessEnv;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'unwind-pgbouncer-'));
  env = { PATH: directory, UNWIND_CACHE: join(directory, 'cache') };
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

test('a setting wins over the PATH, which wins over where packages put it', () => {
  const path = join(directory, 'pgbouncer');
  writeFileSync(path, '#!/bin/sh\n');
  chmodSync(path, 0o755);
  expect(findPgbouncer(env, '/nowhere')).toEqual({ path, env: {} });
  expect(findPgbouncer({ ...env, PATH: '' }, directory)).toEqual({ path, env: {} });
  expect(findPgbouncer({ ...env, UNWIND_PGBOUNCER: '/bin/sh' })).toEqual({ path: '/bin/sh', env: {} });
  expect(() => findPgbouncer({ ...env, UNWIND_PGBOUNCER: '/nowhere' })).toThrow('UNWIND_PGBOUNCER');
});

test('without apt the reason is told, and nothing is left in the cache', () => {
  expect(findPgbouncer(env, '/nowhere')).toContain('apt has none: spawnSync apt-get ENOENT');
  expect(readdirSync(join(directory, 'cache'))).toEqual([]);
});

test('from its package it is unpacked once, into the cache, and runs there', () => {
  const found = findPgbouncer({ ...env, PATH: '/usr/bin:/bin' }, '/nowhere');
  if (typeof found === 'string') {
    // No Debian-like machine, or no way to its packages.
    process.stderr.write(`${found}\n`);
    expect(found).toContain('apt has none: ');
    return;
  }
  expect(found.path).toBe(join(directory, 'cache/pgbouncer/usr/sbin/pgbouncer'));
  expect(execFileSync(found.path, ['--version'], { env: found.env, encoding: 'utf8' })).toContain(
    'PgBouncer',
  );
  expect(readdirSync(join(directory, 'cache'))).toEqual(['pgbouncer']);
  // Without apt: from the cache.
  expect(findPgbouncer(env, '/nowhere')).toEqual(found);
});
