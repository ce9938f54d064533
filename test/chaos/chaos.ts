import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Supervisor } from '../../dev/supervisor';
import { check } from './checks/check';
import { PACE_MS } from './driver';
import type { ChaosOptions } from './options';
import { planOrders } from './plan/plan';
import { runUnderFaults } from './run-under-faults';
import { perThousand, reasons, shortfalls, summarise, type Summary } from './summary';
import { startSystem } from './system/system';
import { FaultLog } from './worker/fault-log';

/** How long a run may take, from the first order to the last end, on a machine that has much else to do. */
const deadlineMs = (sagas: number) => 180_000 + sagas * PACE_MS * 4;

/** One run: everything is started, struck, healed, checked and ended. @returns the exit code. */
export async function chaos(
  options: ChaosOptions,
  env: NodeJS.ProcessEnv,
  supervisor: Supervisor,
): Promise<number> {
  const { sagas, seed, faults, style, json, pooler } = options;
  const progress = timed();
  const withinMs = deadlineMs(sagas);
  progress(
    `seed ${seed}: ${sagas} sagas (${style}), within ${withinMs / 1000} s, faults: ${faults.join(', ') || 'none'}`,
  );
  const home = prepareHome(options);
  let kept = options.home !== undefined;
  supervisor.onStop('the home', () => {
    if (!kept) rmSync(home, { recursive: true, force: true });
  });
  const plan = planOrders(sagas, seed, faults);
  writeFileSync(join(home, 'plan.json'), JSON.stringify(plan), { mode: 0o600 });
  const system = await startSystem({ home, style, pooler, env, supervisor, progress });

  const { started, fired } = await runUnderFaults({
    system,
    plan,
    faultLog: new FaultLog(join(home, 'fault-log')),
    faults,
    seed,
    withinMs,
    signal: supervisor.signal,
    progress,
  });
  progress('All sagas have ended, or the time is over; checking');
  await system.workers.end();
  const findings = await check(system.client, system.urls, started, style);
  const summary = summarise(seed, started.size, findings, fired);
  const missing = shortfalls(summary, plan, faults);

  for (const violation of [...summary.violations, ...missing]) process.stderr.write(`${violation}\n`);
  for (const sagaId of findings.lost) process.stderr.write(`lost: ${sagaId}\n`);
  progress(
    `compensated because of ${JSON.stringify(reasons(findings))}; ${findings.blocked} actions blocked`,
  );
  if (style === 'sample') progress(`per thousand sagas: ${JSON.stringify(perThousand(summary))}`);
  const ok = summary.violations.length === 0 && summary.lost === 0 && missing.length === 0;
  // What went wrong is to be looked at.
  kept ||= !ok;
  if (kept) progress(`The state and the logs are in ${home}`);
  process.stdout.write(`${json ? JSON.stringify(summary) : told(summary)}\n`);
  return ok ? 0 : 1;
}

function prepareHome({ home }: ChaosOptions): string {
  const directory = home === undefined ? mkdtempSync(join(tmpdir(), 'unwind-chaos-')) : resolve(home);
  mkdirSync(directory, { recursive: true });
  // Postgres may run as another user, who has to pass through.
  chmodSync(directory, 0o711);
  return directory;
}

function timed(): (line: string) => void {
  const begun = Date.now();
  return (line) => {
    const seconds = ((Date.now() - begun) / 1000).toFixed(1).padStart(6);
    process.stderr.write(`${seconds} s  ${line}\n`);
  };
}

function told({ violations, faultsFired, ...counts }: Summary): string {
  return [
    Object.entries(counts)
      .map(([name, count]) => `${name} ${count}`)
      .join(', '),
    `${violations.length} violations`,
    Object.entries(faultsFired)
      .map(([fault, count]) => `${fault} ${count}`)
      .join(', '),
  ].join('\n');
}
