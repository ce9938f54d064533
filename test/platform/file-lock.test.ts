import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileLock } from '../../dev/file-lock';
import { identify } from '../../dev/process-identity';

let directory: string;
let path: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'unwind-lock-'));
  path = join(directory, 'lock');
});

afterEach(() => rmSync(directory, { recursive: true }));

test('a lock whose holder lives is waited for, then refused with HOME_IN_USE', async () => {
  const holder = spawn('sleep', ['60']);
  await once(holder, 'spawn');
  try {
    writeFileSync(path, JSON.stringify(identify(holder.pid as number)));
    await expect(new FileLock(path).hold(100, () => Promise.resolve())).rejects.toMatchObject({
      code: 'HOME_IN_USE',
      message: expect.stringContaining('sleep 60'),
    });
  } finally {
    holder.kill('SIGKILL');
  }
});

test('a lock whose holder has died is taken over, and removed when done', async () => {
  const holder = spawn('sleep', ['60']);
  await once(holder, 'spawn');
  writeFileSync(path, JSON.stringify(identify(holder.pid as number)));
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  const seen = await new FileLock(path).hold(5_000, () => Promise.resolve(existsSync(path)));
  expect(seen).toBe(true);
  expect(existsSync(path)).toBe(false);
});

test('a number used again by another process does not keep a lock alive', async () => {
  writeFileSync(path, JSON.stringify({ pid: process.ppid, command: 'something else entirely' }));
  await expect(new FileLock(path).hold(5_000, () => Promise.resolve('held'))).resolves.toBe('held');
});
