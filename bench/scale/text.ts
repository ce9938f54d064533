import type { LargeSaga } from './large-saga';
import type { OpenSagas } from './open-sagas';
import type { ScaleResult } from './result';
import type { WorkerCount } from './worker-count';

/** The result as Markdown. */
export function renderScale({ workers, open, large }: ScaleResult): string {
  return [
    ...(workers ? workerTable(workers) : []),
    ...(open ? openTable(open) : []),
    ...(large ? largeTable(large) : []),
  ]
    .join('\n')
    .trimEnd();
}

function workerTable(counts: readonly WorkerCount[]): string[] {
  const [first] = counts;
  const who = Object.keys(first?.cores ?? {});
  return [
    '## Worker processes',
    '',
    `| contender | worker processes | orders/s | ${who.map((name) => `cores: ${name}`).join(' | ')} | cores in all |`,
    `| --- |${' --: |'.repeat(who.length + 3)}`,
    ...counts.map(({ contender, processes, ordersPerSecond, cores }) => {
      const busy = who.map((name) => cores[name] ?? 0);
      const all = busy.reduce((sum, each) => sum + each, 0);
      const cells = [processes, ordersPerSecond.toFixed(1), ...[...busy, all].map((each) => each.toFixed(2))];
      return `| \`${contender}\` | ${cells.join(' | ')} |`;
    }),
    '',
  ];
}

function openTable({ open, startsPerSecond, diskBytes, memoryBytes, before, after }: OpenSagas): string[] {
  const rows = [
    ['sagas started a second', startsPerSecond.first, startsPerSecond.last],
    ['from its review to the end of a saga, p50, ms', before.reviewP50, after.reviewP50],
    ['from its review to the end of a saga, p95, ms', before.reviewP95, after.reviewP95],
    [
      'other orders a second, by another worker (`express/barrier`)',
      before.ordersPerSecond,
      after.ordersPerSecond,
    ],
    ['to count the sagas of all states, ms', before.countMs, after.countMs],
  ] as const;
  return [
    `## ${open} open sagas`,
    '',
    `| | at the beginning | with ${open} open |`,
    '| --- | --: | --: |',
    ...rows.map(([what, few, many]) => `| ${what} | ${few.toFixed(0)} | ${many.toFixed(0)} |`),
    '',
    `An open saga costs ${kilobytes(diskBytes)} of Postgres on disk. Memory has grown by, each: ${Object.entries(
      memoryBytes,
    )
      .map(([name, bytes]) => `${name} ${kilobytes(bytes)}`)
      .join(', ')}.`,
    '',
  ];
}

function largeTable(sagas: readonly LargeSaga[]): string[] {
  return [
    '## One saga of many items',
    '',
    '| path | items | seconds | runs | events | MB of history | state transitions | MB of memory |',
    `| --- |${' --: |'.repeat(7)}`,
    ...sagas.map(({ path, items, seconds, runs, events, historyBytes, stateTransitions, memoryBytes }) => {
      const megabytes = [historyBytes, memoryBytes].map((bytes) => (bytes / 1e6).toFixed(1));
      return `| ${path} | ${items} | ${seconds.toFixed(1)} | ${runs} | ${events} | ${megabytes[0]} | ${stateTransitions} | ${megabytes[1]} |`;
    }),
    '',
  ];
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1_024).toFixed(1)} KiB`;
}
