import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { runSupervised, type Supervisor } from '../../dev/supervisor';
import { sagas } from '../matrix/sagas';
import type { Batch, Explorer } from './explorer-process';

const USAGE = 'npm run simulate -- [--minutes N] [--seed S] [SAGA …]';
const PROGRESS_MS = 10_000;

/**
 * `npm run simulate -- [--minutes N] [--seed S] [SAGA …]`: explores random schedules of the sagas of the fault matrix in every
 * placement, in one process for each core, for so many minutes (default 1). The last line is
 * `{seed, schedules, perSecond, byOutcome, broken}`; exits with 1 when a saga broke its promise, and shows in which schedule.
 */
void runSupervised((supervisor) => simulate(process.argv.slice(2), supervisor));

async function simulate(args: readonly string[], supervisor: Supervisor): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { minutes: { type: 'string', default: '1' }, seed: { type: 'string' } },
    allowPositionals: true,
  });
  const minutes = Number(values.minutes);
  const seed = Number(values.seed ?? Date.now() % 1_000_000_000);
  const names = sagas.map(({ definition }) => definition.workflow);
  const areKnown = positionals.every((name) => names.includes(name));
  if (!(minutes > 0 && minutes <= 1_000) || !Number.isSafeInteger(seed) || seed < 0 || !areKnown) {
    process.stderr.write(`${USAGE}: SAGA is one of ${names.join(', ')}\n`);
    return 1;
  }
  const directory = mkdtempSync(join(tmpdir(), 'unwind-simulate-'));
  supervisor.onStop('the bundle', () => rmSync(directory, { recursive: true, force: true }));
  const bundle = join(directory, 'workflows.js');
  const { code } = await bundleWorkflowCode({
    workflowsPath: require.resolve('../matrix/matrix-workflow'),
    logger: new DefaultLogger('WARN'),
  });
  writeFileSync(bundle, code);

  const begun = Date.now();
  const sum = new Sum(seed, begun);
  const count = availableParallelism();
  const explorers = Array.from({ length: count }, (_, index) =>
    startExplorer({ bundle, sagas: positionals, seed: seed + index, step: count }, supervisor),
  );
  const failed = Promise.all(explorers.map(async ({ child, ended }) => await listen(child, ended, sum)));
  const end = begun + minutes * 60_000;
  while (Date.now() < end && !sum.isOver) {
    await Promise.race([sleep(Math.min(PROGRESS_MS, end - Date.now())), failed]);
    process.stderr.write(`${sum.progress(end)}\n`);
  }
  for (const { child } of explorers) child.kill('SIGTERM');
  await failed;
  for (const { broken } of sum.broken)
    process.stdout.write(`${broken.problems.join('\n')}\n${broken.story.join('\n')}\n`);
  process.stdout.write(`${JSON.stringify(sum.summary)}\n`);
  return sum.broken.length > 0 || sum.crashed ? 1 : 0;
}

function startExplorer(explorer: Explorer, supervisor: Supervisor) {
  const child = fork(require.resolve('./explorer-process'), [JSON.stringify(explorer)], {
    execArgv: ['--require', 'tsx/cjs'],
  });
  supervisor.onStop('an explorer', () => void child.kill('SIGKILL'));
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  return { child, ended };
}

/** Adds up what an explorer sends, until it ends. */
async function listen(child: ChildProcess, ended: Promise<number | null>, sum: Sum): Promise<void> {
  child.on('message', (batch) => sum.add(batch as Batch));
  if ((await ended) !== null) sum.crashed = !sum.isOver;
}

class Sum {
  private schedules = 0;
  private readonly byOutcome: Record<string, number> = {};
  readonly broken: (Batch & { readonly broken: NonNullable<Batch['broken']> })[] = [];
  /** An explorer has ended by itself, and found nothing. */
  crashed = false;

  constructor(
    private readonly seed: number,
    private readonly begun: number,
  ) {}

  get isOver(): boolean {
    return this.broken.length > 0 || this.crashed;
  }

  add(batch: Batch): void {
    this.schedules += batch.schedules;
    for (const [outcome, count] of Object.entries(batch.byOutcome))
      this.byOutcome[outcome] = (this.byOutcome[outcome] ?? 0) + count;
    if (batch.broken) this.broken.push({ ...batch, broken: batch.broken });
  }

  progress(end: number): string {
    const left = Math.max(Math.round((end - Date.now()) / 1_000), 0);
    return `${this.schedules} schedules, ${this.perSecond} a second, ${left} s left`;
  }

  private get perSecond(): number {
    return Math.round(this.schedules / ((Date.now() - this.begun) / 1_000));
  }

  get summary() {
    const { seed, schedules, perSecond, byOutcome, broken } = this;
    return { seed, schedules, perSecond, byOutcome, broken };
  }
}
