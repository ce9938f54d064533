import type { Command } from 'commander';
import { count, workflow } from '../arguments';
import type { Session } from '../session';
import { readStats, type SagaStats } from '../../view/stats';
import { durationText } from '../../view/duration';
import { table } from '../text/table';

/** Adds `stats` to the command line. */
export function addStatsCommand(program: Command, session: Session): void {
  program
    .command('stats')
    .description('count sagas by state, reason and stuck step, with the times that sagas and steps took')
    .option('--saga <workflow>', 'only those of a definition, by the name of its workflow', workflow)
    .option('--where <filter>', `a Temporal list filter, such as "StartTime > '2026-11-28T00:00:00Z'"`)
    .option('--sample <count>', 'of how many of the latest sagas times and reasons are read', count, 1_000)
    .option(
      '--reports <count>',
      'of how many of the latest sagas the report is read, for the times of steps',
      count,
      20,
    )
    .action(async ({ saga, where, sample, reports }: Options) => {
      const filter = { ...(saga !== undefined && { workflow: saga }), ...(where !== undefined && { where }) };
      const stats = await readStats(await session.client(), filter, sample, reports);
      session.print(stats, statsText(stats, session.columns));
    });
}

interface Options {
  readonly saga?: string;
  readonly where?: string;
  readonly sample: number;
  readonly reports: number;
}

function statsText({ counts, ended, reasons, stuck, steps, sampled }: SagaStats, columns?: number): string {
  const states = Object.entries(counts).filter(([, number]) => number > 0);
  if (states.length === 0) return 'no sagas';
  const times = ({ count: number, p50, p95 }: { count: number; p50: number; p95: number }) =>
    [number, durationText(p50), durationText(p95)] as const;
  const parts = [table(['State', 'Sagas'], states, columns)];
  for (const { step, count: number, causes } of stuck) {
    const why =
      causes.map((cause) => `${cause.code} since ${cause.since}`).join('; ') || 'no worker answered';
    parts.push(`${number} stuck at ${step}: ${why}`);
  }
  if (reasons.length > 0)
    parts.push(
      table(
        ['Reason', 'Sagas'],
        reasons.map(({ code, count: number }) => [code, number]),
        columns,
      ),
    );
  if (ended.length > 0)
    parts.push(
      table(
        ['Ended', 'Sagas', 'p50', 'p95'],
        ended.map((one) => [one.state, ...times(one)]),
        columns,
      ),
    );
  if (steps.length > 0)
    parts.push(
      table(
        ['Step', 'Actions', 'p50', 'p95'],
        steps.map((one) => [one.step, ...times(one)]),
        columns,
      ),
    );
  parts.push(`reasons and times: of the latest ${sampled} sagas`);
  return parts.join('\n');
}
