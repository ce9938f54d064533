import { expect, test } from '@jest/globals';
import { defineSaga, nested } from '../../src/saga';
import { Driver } from '../../src/saga/core/driver';
import type { Entry, Outcome } from '../../src/saga/core/entry';
import type { Operation } from '../../src/saga/core/pending';
import { SagaState } from '../../src/saga/core/state';
import { readNamed } from './program-steps';

const inner = nested(
  defineSaga<null, null>({ workflow: 'innerSaga', taskQueue: 'inner', idOf: () => 'inner' }),
  { name: 'inner' },
);
const succeeded = {
  kind: 'succeeded',
  output: { result: null, entries: [], effectsRemain: false },
} as const;
const refused = { kind: 'refused', failure: { code: 'CANCELLED', message: 'cancelled' } } as const;

/**
 * A reset saga of which an earlier run has called `inner`. This run begins it again, on another input, and is cancelled meanwhile.
 * @returns what is called then, and on which input
 */
function resetSaga(answer: Outcome, before: Outcome = succeeded): readonly string[] {
  const calls: Operation[] = [];
  const state = new SagaState();
  const driver = new Driver(state, {
    now: () => 0,
    perform: (command) => void (command.do === 'call' && calls.push(command.operation)),
  });
  const goOn = () => undefined;
  const conclude = () => {
    while (driver.canConclude) driver.atRest();
  };

  driver.dispatch({
    type: 'earlier-runs-asked',
    ticket: driver.ticketFor(goOn),
    step: readNamed('look'),
    question: null,
  });
  const [lookBack] = calls.splice(0) as [Operation];
  driver.dispatch({
    type: 'answered',
    operation: lookBack,
    outcome: { kind: 'succeeded', output: null },
  });
  conclude();
  const leftover: Entry = {
    id: 'inner',
    step: inner,
    input: 'earlier',
    began: 1,
    settled: 2,
    startedAt: 0,
    outcome: before,
    leftover: true,
  };
  driver.dispatch({
    type: 'leftovers-found',
    ticket: driver.ticketFor(goOn),
    asked: lookBack.entry,
    answer: null,
    entries: [leftover],
  });
  conclude();

  driver.run({ step: inner, input: 'now' }, goOn);
  const [again] = calls.splice(0) as [Operation];
  driver.dispatch({ type: 'interrupted', by: 'cancel' });
  driver.dispatch({ type: 'answered', operation: again, outcome: answer });
  conclude();
  return calls.map(({ type, entry }) => `${type} ${entry.id} ${String(entry.input)}`);
}

test('S17 a step that a reset run begins again and does not call: what the earlier run did is compensated', () => {
  expect(resetSaga({ ...refused, notCalled: true })).toEqual(['compensate inner earlier']);
});

test('S17 one that was called and refused has nothing left to compensate', () => {
  expect(resetSaga(refused)).toEqual([]);
});

test('S17 one whose participant did it on the input of the earlier run: that input is what is compensated', () => {
  const conflict = { kind: 'unknown', failure: { code: 'KEY_CONFLICT', message: 'another input' } } as const;
  expect(resetSaga(conflict)).toEqual(['compensate inner earlier']);
  const lost = { kind: 'unknown', failure: { code: 'LOST', message: 'no answer' } } as const;
  expect(resetSaga(lost)).toEqual(['compensate inner earlier']);
  expect(resetSaga(lost, { ...lost })).toEqual(['compensate inner now']);
});
