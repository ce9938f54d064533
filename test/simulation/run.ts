import { type ChildProcess, fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { runSupervised, type Supervisor } from '../../dev/supervisor';
import { rememberBroken } from './broken-schedules';
import { ExplorationSum } from './exploration-sum';
import type { Explorer, ExplorerReport } from './explorer-process';
import { exploredSagas } from './sagas';

const USAGE = 'npm run simulate -- [--minutes N] [--seed S] [--barrier] [SAGA …]';

/**
 * `npm run simulate -- [--minutes N] [--seed S] [--barrier] [SAGA …]`: explores schedules of the sagas of the fault matrix in every
 * placement, with participants in memory or behind the real barrier, in one process for each core, for so many minutes altogether (default 1). The last line is
 * `{seed, schedules, perSecond, states, byOutcome, broken}`; exits with 1 when a saga broke its promise, shows in which schedule,
 * and adds that to `broken-schedules.json`.
 */
void runSupervised((supervisor) => simulate(process.argv.slice(2), supervisor));

async function simulate(args: readonly string[], supervisor: Supervisor): Promise<number> {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: {
      minutes: { type: 'string', default: '1' },
      seed: { type: 'string' },
      barrier: { type: 'boolean', default: false },
    },
    allowPositionals: true,
  });
  const minutes = Number(values.minutes);
  const seed = Number(values.seed ?? Date.now() % 1_000_000_000);
  const names = [...exploredSagas.keys()];
  const areKnown = positionals.every((name) => names.includes(name));
  if (!(minutes > 0 && minutes <= 1_000) || !Number.isSafeInteger(seed) || seed < 0 || !areKnown) {
    process.stderr.write(`${USAGE}: SAGA is one of ${names.join(', ')}\n`);
    return 1;
  }
  const chosen = positionals.length > 0 ? positionals : names;
  const sum = new ExplorationSum(seed);
  const explorers = Array.from({ length: availableParallelism() }, (_, index) =>
    // Far apart: each schedule has the next seed.
    startExplorer(
      {
        sagas: chosen,
        minutes: minutes / chosen.length,
        seed: seed + index * 1e9,
        participants: values.barrier ? 'barrier' : 'in-memory',
      },
      supervisor,
    ),
  );
  const codes = await Promise.all(
    explorers.map(({ child, ended }, index) => listen(child, ended, sum, index)),
  );
  for (const broken of sum.broken) {
    const { problems, story, replay } = broken;
    process.stdout.write(`${[...problems, ...story, replay].join('\n')}\n`);
    rememberBroken(broken);
  }
  process.stdout.write(`${JSON.stringify(sum.summary)}\n`);
  return sum.broken.length > 0 || codes.some((code) => code !== 0) ? 1 : 0;
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
async function listen(
  child: ChildProcess,
  ended: Promise<number | null>,
  sum: ExplorationSum,
  index: number,
): Promise<number | null> {
  child.on('message', (report: ExplorerReport) => {
    if ('explored' in report) return sum.add(report);
    const { schedules, states, perSecond, secondsLeft } = report.progress;
    process.stderr.write(
      `${index}, ${report.saga}: ${schedules} schedules, ${states} states, ${perSecond} a second, ${secondsLeft} s left\n`,
    );
  });
  return await ended;
}
