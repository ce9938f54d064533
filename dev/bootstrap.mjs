#!/usr/bin/env node
/**
 * The entry of `npm start`, `npm test`, `npm run unwind` and `npm run verify`. Plain JavaScript, because it runs
 * before anything is installed: it checks Node, installs what package-lock.json names if that is not there yet, also in the
 * folders that the command needs besides, and then loads the TypeScript entry into this same process, so that signals reach it.
 *
 * Standard output belongs to the entry alone (`npm start -- --json`): all that is said here goes to standard error.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const lock = join(root, '.unwind', 'install.lock');

const entries = {
  start: 'cli/start/main.ts',
  test: 'dev/test-run.ts',
  verify: 'dev/verify.ts',
  mutants: 'test/mutants/run.ts',
  matrix: 'test/matrix/run.ts',
  spec: 'test/spec/run.ts',
  chaos: 'test/chaos/run.ts',
  simulate: 'test/simulation/run.ts',
  pictures: 'test/browser/pictures.ts',
  bench: 'bench/main.ts',
  scale: 'bench/scale/main.ts',
  cli: 'cli/main.ts',
};

/** The entries that need packages of folders that are no part of the root's installation. */
const furtherPackages = {
  test: ['examples/choreography'],
  verify: ['examples/choreography'],
  // What it checks needs none of the engines that it measures.
  bench: process.argv.includes('--check') ? [] : ['bench', 'examples/choreography'],
};

function refuse(code, message, hint) {
  process.stderr.write(`${code}: ${message}\n  ${hint}\n`);
  process.exit(1);
}

function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  const message = `Unwind needs Node 20.19 or newer; this is ${process.versions.node}.`;
  refuse('NODE_TOO_OLD', message, 'Install a newer Node and run the same command again.');
}

function read(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Whether a folder's node_modules holds exactly what its package-lock.json names; npm leaves its own account of it there. */
function isInstalled(folder) {
  const account = read(join(folder, 'node_modules/.package-lock.json'));
  if (account === undefined) return false;
  const installed = JSON.parse(account).packages;
  const { '': _, ...wanted } = JSON.parse(read(join(folder, 'package-lock.json'))).packages;
  return Object.entries(wanted).every(([path, { version, integrity, optional, devOptional }]) => {
    const found = installed[path];
    if (found === undefined) return optional || devOptional;
    return found.version === version && found.integrity === integrity;
  });
}

/** Runs `work` while no other process does; a lock whose holder has died is removed. */
async function alone(work) {
  mkdirSync(join(lock, '..'), { recursive: true });
  for (let attempt = 0; ; attempt += 1) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const holder = read(lock);
    if (holder && !isAlive(Number(holder))) rmSync(lock, { force: true });
    else if (attempt === 1)
      process.stderr.write('Waiting for another process that installs the packages …\n');
    await sleep(100);
  }
  try {
    return await work();
  } finally {
    rmSync(lock, { force: true });
  }
}

/** This process itself never counts: its number in a file is one used again, as after a restart of a container. */
function isAlive(pid) {
  try {
    return pid !== process.pid && process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
}

async function install(folder) {
  if (isInstalled(folder)) return;
  const lockFile = join(relative(root, folder), 'package-lock.json');
  process.stderr.write(`Installing the packages that ${lockFile} names (npm ci) …\n`);
  // Under NODE_ENV=production npm would leave out the packages that the tests need.
  const args = ['ci', '--include=dev', '--include=optional', '--loglevel=error'];
  const npm = spawn('npm', args, { cwd: folder, stdio: ['ignore', 2, 2] });
  const forward = (signal) => npm.kill(signal);
  process.on('SIGINT', forward).on('SIGTERM', forward);
  const [code, signal] = await once(npm, 'exit').catch((error) => [error.message]);
  process.off('SIGINT', forward).off('SIGTERM', forward);
  if (code === 0) return;
  rmSync(lock, { force: true });
  const message = `npm ci did not install the packages: it ended with ${signal ?? code}.`;
  refuse(
    'INSTALL_FAILED',
    message,
    `Run "npm ci" in ${folder} to see why; this user must be allowed to write there.`,
  );
}

/** Whether the page of the console is as its sources are: a browser does not take those. */
function isPageBuilt() {
  const built = statSync(join(root, 'src/console/page/index.html'), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const sources = readdirSync(join(root, 'src/console/ui'), { recursive: true });
  return sources.every((name) => statSync(join(root, 'src/console/ui', name)).mtimeMs < built);
}

async function buildPage() {
  if (!isPageBuilt()) await (await import('./build-console.mjs')).buildPage();
}

checkNode();
const [name, ...rest] = process.argv.slice(2);
const isEntry = Object.hasOwn(entries, name ?? '');
for (const folder of ['.', ...(furtherPackages[name] ?? [])].map((path) => join(root, path))) {
  if (!isInstalled(folder)) await alone(() => install(folder));
}
if (!isPageBuilt()) await alone(buildPage);

const { register } = await import('tsx/cjs/api');
register();
// So the entry sees `node <entry> <arguments>`, as if it had been started by itself.
const entry = join(root, entries[isEntry ? name : 'cli']);
process.argv.splice(1, process.argv.length - 1, entry, ...(isEntry ? rest : process.argv.slice(2)));
createRequire(import.meta.url)(entry);
