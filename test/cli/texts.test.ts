import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { DescribedSaga } from '../../src/client';
import type { SagaReport, StepReport } from '../../src/saga';
import { durationText } from '../../src/view/duration';
import { mermaidOf } from '../../src/cli/text/mermaid';
import { sagaText } from '../../src/cli/text/saga';
import { spansOf } from '../../src/view/spans';
import { table } from '../../src/cli/text/table';
import { timelineText } from '../../src/cli/text/timeline';
import { timelineSvg } from '../../src/cli/text/timeline-svg';
import { strangeText } from '../support/strange';

const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, seconds)).toISOString();
const NOW = Date.parse(at(10));

const step = (name: string, from: number, to?: number, other: Partial<StepReport> = {}): StepReport => ({
  name,
  kind: 'compensatable',
  participant: 'desk',
  state: 'succeeded',
  startedAt: at(from),
  ...(to !== undefined && { settledAt: at(to) }),
  ...other,
});

const reportOf = (steps: StepReport[], status: SagaReport['status'] = 'forward'): SagaReport => ({
  sagaId: 'order-1',
  status,
  steps,
});

const undone = {
  state: 'compensated',
  compensation: { state: 'done', startedAt: at(6), endedAt: at(8) },
} as const;

test('durations have the unit that a person would choose', () => {
  const shown = [
    0.4,
    999,
    1_000,
    59_940,
    60_000,
    3_599_999,
    3_600_000,
    47 * 3_600_000,
    72 * 3_600_000,
    -5,
  ].map(durationText);
  expect(shown).toEqual([
    '0 ms',
    '999 ms',
    '1.0 s',
    '59.9 s',
    '1 min',
    '59 min',
    '1 h',
    '47 h',
    '3 d',
    '0 ms',
  ]);
});

describe('a table', () => {
  const head = ['Saga', 'State', 'Reason'];
  const rows = [
    ['order-1', 'stuck', ''],
    ['order-2', 'completed', 'why not'],
  ];

  test('is drawn where it fits', () => {
    expect(table(head, rows, 60).split('\n')[0]).toMatch(/^┌─+┬/);
  });

  test('is a block of lines for each row in a narrow terminal, without what is empty', () => {
    expect(table(head, rows, 20)).toBe(
      'order-1\n  state: stuck\norder-2\n  state: completed\n  reason: why not',
    );
  });
});

describe('a timeline', () => {
  const report = reportOf(
    [step('hold', 0, 2, undone), step('pay', 2, 5, { ...undone, state: 'unknown' }), step('ship', 5)],
    'unwinding',
  );

  test('draws actions and compensations to scale, and what has not ended until now', () => {
    expect(timelineText(report, NOW, 60)).toBe(
      [
        'order-1 is unwinding  2026-01-01T00:00:00.000Z + 10.0 s',
        'hold  █████           ▒▒▒▒▒        2.0 s + 2.0 s compensated',
        'pay        ████████   ▒▒▒▒▒        3.0 s + 2.0 s unknown',
        'ship               ░░░░░░░░░░░░░   5.0 s… succeeded',
        '█ action  ▒ compensation  ░ has not ended',
      ].join('\n'),
    );
  });

  test('of an action without an outcome ends where its compensation begins', () => {
    const [first] = spansOf(reportOf([step('a', 0, undefined, undone)]), NOW).steps;
    expect(first?.spans).toMatchObject([
      { kind: 'action', to: Date.parse(at(6)) },
      { kind: 'compensation', to: Date.parse(at(8)) },
    ]);
  });

  test('of a saga without steps, and of one whose clocks disagree', () => {
    expect(timelineText(reportOf([]), NOW)).toBe('order-1 is forward, and has begun no step');
    expect(timelineText(reportOf([step('a', 20)]), NOW, 40)).toContain('0 ms…');
  });
});

describe('what people write is text in a picture', () => {
  test('of an SVG', () => {
    fc.assert(
      fc.property(strangeText, (text) => {
        const svg = timelineSvg(reportOf([step(`a${text}</text><script>alert(1)</script>`, 0, 1)]), NOW);
        expect(svg).not.toContain('<script');
        // Each tag is one that the picture has.
        expect(svg.replace(/<\/?(svg|title|style|text|rect)\b[^<>]*>/g, '')).not.toMatch(/[<]/);
        expect(svg.isWellFormed()).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  test('of a Mermaid flowchart', () => {
    fc.assert(
      fc.property(strangeText, (text) => {
        const lines = mermaidOf(reportOf([step(`a${text}"]; click s0 "javascript:alert(1)"`, 0, 1)])).split(
          '\n',
        );
        const node = lines.find((line) => line.startsWith('  s0['));
        expect(node).toMatch(/^ {2}s0\["[\p{L}\p{N} .,:_/#;-]*<br>succeeded"\]:::succeeded$/u);
      }),
      { numRuns: 300 },
    );
  });
});

test('a flowchart has an arrow to each step from those it had to wait for, and from no others', () => {
  const report = reportOf([
    step('open', 0, 1),
    step('hold', 1, 2),
    step('pay', 1, 3),
    step('ship', 3, 4, undone),
  ]);
  const arrows = mermaidOf(report)
    .split('\n')
    .filter((line) => line.includes('-->'));
  expect(arrows).toEqual(['  s0 --> s1', '  s0 --> s2', '  s1 --> s3', '  s2 --> s3']);
  expect(mermaidOf(report)).toContain('  s3 -. undone .-> u3(["undo ship"])');
});

describe('a saga is shown with the commands that help', () => {
  const saga = (state: DescribedSaga['state'], other: Partial<DescribedSaga> = {}): DescribedSaga => ({
    sagaId: 'order-1',
    runId: 'run',
    workflow: 'fulfilOrder',
    state,
    execution: 'RUNNING',
    saga: undefined,
    reason: undefined,
    stuckStep: undefined,
    problem: undefined,
    startedAt: new Date(at(0)),
    closedAt: undefined,
    report: reportOf([]),
    unreported: undefined,
    pending: [],
    ...other,
  });
  const commands = (shown: DescribedSaga) =>
    sagaText(shown, 'unwind').split('What you can do:\n')[1]?.split('\n') ?? [];
  const stuck = { code: 'BUSY', message: 'busy', since: at(1), rounds: 1 };

  test('at a stuck action before the pivot, also to abandon', () => {
    const report = reportOf([step('hold', 0, undefined, { state: 'stuck', stuck })], 'stuck');
    expect(commands(saga('stuck', { report }))).toEqual([
      '  unwind desk retry order-1 hold --actor NAME --reason TEXT',
      '  unwind desk retry order-1 hold --actor NAME --reason TEXT --input JSON',
      '  unwind desk resolve order-1 hold --actor NAME --reason TEXT --output JSON',
      '  unwind desk abandon order-1 --actor NAME --reason TEXT',
    ]);
  });

  test('at a stuck compensation, also to skip, and neither an output nor abandon', () => {
    const compensation = { state: 'stuck', startedAt: at(2) } as const;
    const report = reportOf([step('hold', 0, 1, { state: 'stuck', stuck, compensation })], 'stuck');
    expect(commands(saga('stuck', { report }))).toEqual([
      '  unwind desk retry order-1 hold --actor NAME --reason TEXT',
      '  unwind desk resolve order-1 hold --actor NAME --reason TEXT',
      '  unwind desk skip order-1 hold --actor NAME --reason TEXT',
    ]);
  });

  test('at a nested saga that is stuck, the desk is that of the nested saga', () => {
    const report = reportOf(
      [step('book', 0, undefined, { state: 'stuck', stuck: { ...stuck, nested: 'order-1.book' } })],
      'stuck',
    );
    expect(commands(saga('stuck', { report }))).toEqual(['  unwind show order-1.book']);
  });

  test('that was ended from outside, or completed', () => {
    const closedAt = new Date(at(5));
    expect(commands(saga('terminated', { closedAt }))).toEqual([
      '  unwind rescue order-1',
      '  unwind reverse order-1',
    ]);
    expect(commands(saga('completed', { closedAt }))).toEqual(['  unwind reverse order-1']);
    expect(commands(saga('compensated', { closedAt }))).toEqual([]);
  });
});
