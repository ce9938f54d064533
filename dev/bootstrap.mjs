#!/usr/bin/env node
/**
 * The entry of `npm start`, `npm test`, `npm run unwind` and `npm run verify`. Plain JavaScript, because it runs
 * before anything is installed: it checks Node, installs what package-lock.json names if that is not there yet, and
 * then loads the TypeScript entry into this same process, so that signals reach it.
 *
 * Standard output belongs to the entry alone (`npm start -- --json`): all that is said here goes to standard error.
 */
import { spawn } from 'node:child_process';
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

const entries = {
  start: 'cli/start/main.ts',
  test: 'dev/test-run.ts',
  verify: 'dev/verify.ts',
  mutants: 'test/mutants/run.ts',
  matrix: 'test/matrix/run.ts',
  spec: 'test/spec/run.ts',
  chaos: 'test/chaos/run.ts',
  cli: 'cli/main.ts',
};

function refuse(code, message, hint) {
  process.stderr.write(`${code}: ${message}\n  ${hint}\n`);
  process.exit(1);
}

function checkNode() {
  const wanted = [20, 19];
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > wanted[0] || (major === wanted[0] && minor >= wanted[1])) return;
  refuse(
    'NODE_TOO_OLD',
    `Unwind needs Node ${wanted.join('.')} or newer; this is ${process.versions.node}.`,
    'Install a newer Node and run the same command again.',
  );
}

function readLock(path) {
  try {
    return JSON.parse(readFileSync(join(root, path), 'utf8')).packages;
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Whether node_modules holds exactly what package-lock.json names; npm leaves its own account of it there. */
function isInstalled() {
  const installed = readLock('node_modules/.package-lock.json');
  if (installed === undefined) return false;
  return Object.entries(readLock('package-lock.json')).every(([path, wanted]) => {
    if (path === '') return true;
    const found = installed[path];
    if (found === undefined) return wanted.optional === true || wanted.devOptional === true;
    return found.version === wanted.version && found.integrity === wanted.integrity;
  });
}

function isAlive(pid) {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Runs `work` while no other process does; a lock whose holder has died is taken over. */
async function alone(work) {
  mkdirSync(join(root, '.unwind'), { recursive: true });
  const lock = join(root, '.unwind', 'install.lock');
  const mine = `${lock}.${process.pid}`;
  for (let attempt = 0; ; attempt += 1) {
    writeFileSync(mine, String(process.pid));
    try {
      linkSync(mine, lock);
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    } finally {
      rmSync(mine, { force: true });
    }
    takeOverIfDead(lock, mine);
    if (attempt === 1) process.stderr.write('Waiting for another process that installs the packages …\n');
    await sleep(100);
  }
  try {
    return await work();
  } finally {
    rmSync(lock, { force: true });
  }
}

function takeOverIfDead(lock, mine) {
  try {
    const holder = readFileSync(lock, 'utf8');
    if (isAlive(Number(holder))) return;
    renameSync(lock, mine);
    // Between the two lines another process may have taken the lock over: what was moved is then its lock.
    if (readFileSync(mine, 'utf8') !== holder) linkSync(mine, lock);
  } catch (error) {
    if (error.code !== 'ENOENT' && error.code !== 'EEXIST') throw error;
  } finally {
    rmSync(mine, { force: true });
  }
}

function npmCi() {
  process.stderr.write('Installing the packages that package-lock.json names (npm ci) …\n');
  // Under NODE_ENV=production npm would leave out the packages that the tests need.
  const args = ['ci', '--include=dev', '--include=optional', '--loglevel=error'];
  const npm = spawn('npm', args, { cwd: root, stdio: ['ignore', 2, 2] });
  const forward = (signal) => npm.kill(signal);
  process.on('SIGINT', forward).on('SIGTERM', forward);
  return new Promise((resolve) => {
    npm.once('error', (error) => resolve(error.message));
    npm.once('exit', (code, signal) => resolve(code === 0 ? undefined : `it ended with ${signal ?? code}`));
  }).finally(() => process.off('SIGINT', forward).off('SIGTERM', forward));
}

async function install() {
  if (isInstalled()) return;
  const failure = await alone(async () => (isInstalled() ? undefined : npmCi()));
  if (failure === undefined) return;
  refuse(
    'INSTALL_FAILED',
    `npm ci did not install the packages: ${failure}.`,
    `Run "npm ci" in ${root} to see why; this user must be allowed to write there.`,
  );
}

checkNode();
const [name, ...rest] = process.argv.slice(2);
const command = Object.hasOwn(entries, name ?? '') ? name : 'cli';
await install();

const { register } = await import('tsx/cjs/api');
register();
// So the entry sees `node <entry> <arguments>`, as if it had been started by itself.
const entry = join(root, entries[command]);
process.argv.splice(1, process.argv.length - 1, entry, ...(command === name ? rest : process.argv.slice(2)));
createRequire(import.meta.url)(entry);
