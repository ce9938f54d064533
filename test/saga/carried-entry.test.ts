import { describe, expect, test } from '@jest/globals';
import {
  type Action,
  type Compensation,
  compensatable,
  defineSaga,
  nested,
  participant,
} from '../../src/saga';
import { rescueEntry, restoredEntry } from '../../src/saga/rescue-entry';
import type { Entry, Outcome } from '../../src/saga/core/entry';
import { Ledger } from '../../src/saga/core/ledger';
import type { AnyStep } from '../../src/saga/step';

interface Activities {
  act: Action<string, string>;
  takeBack: Compensation<string, string>;
}
const world = participant<Activities>({ name: 'world', taskQueue: 'world-queue' });
const declared = compensatable(world, {
  name: 'declared',
  action: 'act',
  compensation: 'takeBack',
  refusals: ['NO'],
  summary: (input) => `acts on ${input}`,
  options: { startToCloseTimeout: '3s', retry: { maximumAttempts: 2 } },
  compensationOptions: { startToCloseTimeout: '1 minute', retry: { maximumInterval: 500 } },
});
const inner = nested(
  defineSaga<string, string>({ workflow: 'innerSaga', taskQueue: 'inner-queue', idOf: (input) => input }),
  { name: 'inner' },
);

function entryOf(step: AnyStep, outcome: Outcome): Entry {
  const ledger = new Ledger();
  const entry = ledger.begin(step, { at: 7, input: 'input', summary: 'acts on input' });
  ledger.settle(entry, outcome, 7);
  return entry;
}

/** Through JSON, as Temporal carries it. */
function carried(entry: Entry): Entry {
  return restoredEntry('saga-1', JSON.parse(JSON.stringify(rescueEntry(entry))) as never);
}

describe('S13 an entry that another workflow compensates', () => {
  test('keeps what its calls, its order and its report need', () => {
    const entry = entryOf(declared, { kind: 'succeeded', output: 'did' });
    const { step, ...rest } = entry;
    const { refusals: _refusals, summary: _summary, ...kept } = step as AnyStep;
    expect(carried({ ...entry, corrected: true })).toMatchObject({
      ...rest,
      corrected: true,
      sagaId: 'saga-1',
      summary: 'acts on input',
      step: kept,
    });
  });

  test('is a saga still', () => {
    const { step } = carried(entryOf(inner, { kind: 'succeeded', output: {} }));
    expect(step.nested).toEqual({ workflow: 'innerSaga', taskQueue: 'inner-queue' });
  });

  test('without an answer, or from a history that lacks the end, is unknown and overlaps what came after', () => {
    const old = { step: 'a', kind: 'compensatable', taskQueue: 'q', compensation: 'undoIt' } as const;
    expect(
      restoredEntry('s', { ...old, startToCloseMs: 9, input: 1, succeeded: false, began: 3, startedAt: 7 }),
    ).toMatchObject({
      id: 'a',
      sagaId: 's',
      settled: Infinity,
      outcome: { kind: 'unknown', failure: { code: 'STEP_UNKNOWN' } },
      step: { participant: { name: 'q', taskQueue: 'q' }, compensationOptions: { startToCloseTimeout: 9 } },
    });
  });
});
