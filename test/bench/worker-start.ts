import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { localServer } from '../support/temporal';

/**
 * What the start of the shop's orchestrator costs with a bundle made ahead of time, and without one: `npm run build`, then
 * `UNWIND_TEMPORAL_CLI=<path> node --require tsx/cjs test/bench/worker-start.ts [ROUNDS]`, on Linux. The two take turns. Prints, until
 * the worker polls, the time and the CPU time in milliseconds, and the resident memory at most in MB: of each start, and the medians.
 */
interface Start {
  readonly ms: number;
  readonly cpuMs: number;
  readonly residentMb: number;
}

async function main(rounds: number): Promise<void> {
  const env = await localServer();
  const bundle = join(mkdtempSync(join(tmpdir(), 'unwind-worker-start-')), 'workflows.js');
  execFileSync(process.execPath, ['dist/src/cli/main.js', 'bundle', 'dist/workflows', bundle]);
  const starts = new Map<string, Start[]>([
    ['workflowsPath', []],
    [bundle, []],
  ]);
  for (let round = 0; round < rounds; round += 1)
    for (const [from, all] of starts)
      all.push(await start(env.address, from === bundle ? { ORCHESTRATOR_WORKFLOW_BUNDLE: bundle } : {}));
  for (const [from, all] of starts) {
    const median = Object.fromEntries(
      (['ms', 'cpuMs', 'residentMb'] as const).map((key) => [key, medianOf(all.map((each) => each[key]))]),
    );
    process.stdout.write(`${JSON.stringify({ from, all, median })}\n`);
  }
  await env.teardown();
}

async function start(address: string, settings: Readonly<Record<string, string>>): Promise<Start> {
  const began = performance.now();
  const child = spawn(process.execPath, ['--enable-source-maps', 'dist/workers/orchestrator.js'], {
    env: { ...process.env, TEMPORAL_ADDRESS: address, UNWIND_LOG_LEVEL: 'warn', ...settings },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  await once(child, 'message');
  const ms = Math.round(performance.now() - began);
  const read = (file: string) => readFileSync(`/proc/${child.pid}/${file}`, 'utf8');
  // After the name: user and system time are fields 14 and 15, in hundredths of a second.
  const fields = read('stat').split(') ')[1]?.split(' ') ?? [];
  const cpuMs = (Number(fields[11]) + Number(fields[12])) * 10;
  const residentMb = Math.round(Number(/VmHWM:\s+(\d+)/.exec(read('status'))?.[1]) / 1024);
  child.kill('SIGTERM');
  await once(child, 'exit');
  return { ms, cpuMs, residentMb };
}

const medianOf = (values: readonly number[]) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

void main(Number(process.argv[2] ?? 3));
