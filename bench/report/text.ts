import type { Spread } from '../measure/statistics';
import { isMet } from './ratios';
import type { ContenderResult, Ratio, Result } from './result';

/** The result as Markdown: ratios first. */
export function renderResult({ contenders, ratios }: Result): string {
  return [
    '## Ratios',
    '',
    ...ratioTable(ratios),
    '',
    '## Figures',
    '',
    ...figureTable(contenders),
    '',
    ...costTable(contenders),
  ].join('\n');
}

function ratioTable(ratios: readonly Ratio[]): string[] {
  return [
    '| ratio, median of those of two turns each (their middle half) | is | aim |',
    '| --- | --: | --: |',
    ...ratios.map((ratio) => {
      const { median, rounds } = ratio.spread;
      // What was counted once has no spread.
      const is = rounds.length > 1 ? spread(ratio.spread, 2) : median.toFixed(2);
      return `| ${ratio.name} | ${is} | ${aimOf(ratio)} |`;
    }),
  ];
}

function aimOf(ratio: Ratio): string {
  const { target } = ratio;
  if (!target) return '';
  const aim = 'atLeast' in target ? `≥ ${target.atLeast}` : `≤ ${target.atMost}`;
  return isMet(ratio) ? aim : `${aim}, missed`;
}

function figureTable(contenders: Readonly<Record<string, ContenderResult>>): string[] {
  const levels = Object.keys(Object.values(contenders)[0]?.samples.throughput ?? {});
  const head = [
    'contender',
    ...levels.map((level) => `orders/s at ${level}`),
    'compensated/s',
    'alone p50 / p95 / p99, ms',
    'under load p50 / p95 / p99, ms',
    'first answer, ms',
    'CPU an order, ms',
  ];
  return [
    `| ${head.join(' | ')} |`,
    `| --- |${' --: |'.repeat(head.length - 1)}`,
    ...Object.entries(contenders).map(([name, { samples }]) => {
      const latencies = (latency: typeof samples.alone) =>
        [latency.p50, latency.p95, latency.p99].map(({ median }) => median.toFixed(0)).join(' / ');
      const cpu = Object.entries(samples.cpu).map(
        ([process, { median }]) => `${process} ${median.toFixed(1)}`,
      );
      const cells = [
        `\`${name}\``,
        ...levels.map((level) => spread(samples.throughput[level])),
        spread(samples.compensated),
        latencies(samples.alone),
        latencies(samples.underLoad),
        samples.firstAnswer.median.toFixed(0),
        cpu.join(', '),
      ];
      return `| ${cells.join(' | ')} |`;
    }),
  ];
}

function costTable(contenders: Readonly<Record<string, ContenderResult>>): string[] {
  const rows = Object.entries(contenders).flatMap(([name, { cost }]) =>
    cost
      ? [
          `| \`${name}\` | ${cost.events} | ${cost.historyBytes} | ${cost.stateTransitions} | ${cost.promises} | ${(cost.cachedBytes / 1024).toFixed(0)} | ${spread(cost.replayMs)} | ${(cost.bundleBytes / 1e6).toFixed(2)} |`,
        ]
      : [],
  );
  return [
    '| contender | events | bytes of history | state transitions | traced promises | cached, KiB | replay, ms of CPU | bundle, MB |',
    `| --- |${' --: |'.repeat(7)}`,
    ...rows,
  ];
}

function spread(of: Spread | undefined, digits = of && of.median >= 100 ? 0 : 1): string {
  if (!of) return '';
  return `${of.median.toFixed(digits)} (${of.low.toFixed(digits)}–${of.high.toFixed(digits)})`;
}
