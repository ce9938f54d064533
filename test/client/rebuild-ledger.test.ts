import { describe, expect, test } from '@jest/globals';
import type { StepCall } from '../../src/saga';
import { type CallEvent, rebuildLedger } from '../../src/client/rebuild-ledger';

type Line = string | [string, Partial<StepCall>];

/** A history in short: `do a`, `undo a` schedule, `ok 1` and `failed 1` close what event 1 scheduled. */
function history(...lines: Line[]): CallEvent[] {
  return lines.map((line, index) => {
    const [text, declared] = typeof line === 'string' ? [line, {}] : line;
    const [what = '', subject = ''] = text.split(' ');
    const at = { eventId: index + 1, at: 1_000 * (index + 1) };
    if (what === 'ok' || what === 'failed') {
      const succeeded = what === 'ok';
      return {
        ...at,
        type: 'closed',
        scheduledId: Number(subject),
        succeeded,
        ...(succeeded && { output: subject }),
      };
    }
    const op = what === 'undo' ? 'undo' : 'do';
    const call: StepCall = {
      namespace: 'default',
      sagaId: 's',
      step: subject,
      op,
      key: `default/s/${subject}/${op}`,
      ...(op === 'do' && { kind: 'compensatable', compensation: 'takeBack', ...declared }),
    };
    return {
      ...at,
      type: 'scheduled',
      taskQueue: 'world',
      name: 'act',
      startToCloseMs: 2_000,
      input: { from: index + 1 },
      call,
    };
  });
}

const pivot = { kind: 'pivot' } as const;
const passed = (...lines: Line[]) => rebuildLedger(history(...lines)).pivot?.step;

describe('S13 the stack is rebuilt from the history', () => {
  test('what succeeded has its output; what failed or was in flight is unknown', () => {
    const { entries } = rebuildLedger(history('do a', 'do b', 'ok 1', 'failed 2', 'do c'));
    expect(entries).toMatchObject([
      { step: 'a', succeeded: true, output: '1', began: 1, settled: 3, startedAt: 1_000, settledAt: 3_000 },
      { step: 'b', succeeded: false, began: 2, settled: 4 },
      {
        step: 'c',
        succeeded: false,
        began: 5,
        action: 'act',
        compensation: 'takeBack',
        startToCloseMs: 2_000,
      },
    ]);
    expect(entries[1]).not.toHaveProperty('output');
    expect(entries[2]).not.toHaveProperty('settled');
  });

  test('a step that is tried in a second round began with its first, and is in flight again', () => {
    const { entries } = rebuildLedger(history('do a', 'failed 1', 'do a'));
    expect(entries).toMatchObject([{ began: 1, startedAt: 1_000, input: { from: 3 } }]);
    expect(entries[0]).not.toHaveProperty('settled');
  });

  test('only a compensation that succeeded has undone its entry', () => {
    const { entries } = rebuildLedger(history('do a', 'do b', 'undo a', 'undo b', 'ok 3', 'failed 4'));
    expect(entries).toMatchObject([
      { step: 'a', undone: true },
      { step: 'b', undone: false },
    ]);
  });
});

describe('S13 a pivot counts as passed unless what came after proves that it was refused', () => {
  test.each([
    ['in flight', [['do p', pivot]]],
    ['succeeded', [['do p', pivot], 'ok 1']],
    ['failed, and nothing after it', [['do p', pivot], 'failed 1']],
    ['tried in a second round', [['do p', pivot], 'failed 1', ['do p', pivot]]],
    ['succeeded, before a compensation', ['do a', ['do p', pivot], 'ok 2', 'undo a']],
    ['in flight, before a compensation', ['do a', ['do p', pivot], 'undo a']],
    ['before a retriable step', [['do p', pivot], 'ok 1', ['do r', { kind: 'retriable' }]]],
  ] as [string, Line[]][])('%s: passed', (_, lines) => {
    expect(passed(...lines)).toBe('p');
  });

  test.each([
    ['before a compensation', ['do a', 'ok 1', ['do p', pivot], 'failed 3', 'undo a']],
    ['before a step that belongs before the pivot', [['do p', pivot], 'failed 1', 'do b']],
  ] as [string, Line[]][])('%s: refused', (_, lines) => {
    expect(passed(...lines)).toBeUndefined();
    expect(rebuildLedger(history(...lines)).entries.find(({ step }) => step === 'p')).toMatchObject({
      refused: true,
    });
  });

  test('a refused pivot and another one after it: the other', () => {
    expect(passed(['do p', pivot], 'failed 1', ['do q', pivot])).toBe('q');
  });
});
