import { describe, expect, test } from '@jest/globals';
import {
  compensatable,
  irreversible,
  participant,
  pivot,
  retriable,
  type Committed,
  type Saga,
  type SagaScope,
} from '../../src/saga';
import type { Action, Compensation } from '../../src/saga';

type Bank = {
  hold: Action<{ account: string; cents: number }, { holdId: string }>;
  release: Compensation<{ account: string; cents: number }, { holdId: string }>;
  charge: Action<{ holdId: string }, { chargeId: string }>;
  refund: Compensation<{ holdId: string }, { chargeId: string }>;
};
const bank = participant<Bank>({ name: 'bank', taskQueue: 'bank' });
const hold = compensatable(bank, { name: 'hold', action: 'hold', compensation: 'release' });
const charge = pivot(bank, { name: 'charge', action: 'charge', compensation: 'refund' });
const chargeAgain = retriable(bank, { name: 'charge-again', action: 'charge' });

/** Never run: each line that must not compile is held by tsc, which fails when the expected error is not there. */
const mustNotCompile = {
  'a compensatable step without a compensation': () =>
    // @ts-expect-error compensation is missing
    compensatable(bank, { name: 'hold', action: 'hold' }),
  'an action that the participant does not have': () =>
    // @ts-expect-error no such activity
    compensatable(bank, { name: 'hold', action: 'holt', compensation: 'release' }),
  'the compensation of another action': () =>
    // @ts-expect-error refund takes back a charge
    compensatable(bank, { name: 'hold', action: 'hold', compensation: 'refund' }),
  'an action as a compensation': () =>
    // @ts-expect-error charge takes nothing back
    compensatable(bank, { name: 'hold', action: 'hold', compensation: 'charge' }),
  'an irreversible step without a reason': () =>
    // @ts-expect-error why is missing
    irreversible(bank, { name: 'charge', action: 'charge' }),
  'an irreversible step after the pivot': (committed: Committed<unknown>) =>
    // @ts-expect-error it is no retriable step
    committed.run(irreversible(bank, { name: 'c', action: 'charge', irreversible: 'ok' }), { holdId: '1' }),
  'the compensation of another action at a pivot': () =>
    // @ts-expect-error release takes back a hold
    pivot(bank, { name: 'charge', action: 'charge', compensation: 'release' }),
  'a retriable step that may refuse': () =>
    // @ts-expect-error after the pivot nothing may be refused
    retriable(bank, { name: 'charge', action: 'charge', refusals: ['NO'] }),
  'a step with the input of another': (saga: Saga) =>
    // @ts-expect-error hold wants an account
    saga.run(hold, { holdId: '1' }),
  'a pivot run as a step': (saga: Saga) =>
    // @ts-expect-error a pivot is passed, not run
    saga.run(charge, { holdId: '1' }),
  'a step passed as a pivot': (saga: Saga) =>
    // @ts-expect-error hold can be undone
    saga.pivot(hold, { account: 'a', cents: 1 }),
  'a retriable step before the pivot': (saga: Saga) =>
    // @ts-expect-error there is no way back after it
    saga.run(chargeAgain, { holdId: '1' }),
  'a compensatable step after the pivot': (committed: Committed<unknown>) =>
    // @ts-expect-error it could not be undone
    committed.run(hold, { account: 'a', cents: 1 }),
  'a pivot behind a save-point': (scope: SagaScope) =>
    // @ts-expect-error past it there would be no way back to the save-point
    scope.pivot(charge, { holdId: '1' }),
  'an alternative of another type, unseen': async (saga: Saga) => {
    const either = await saga
      .attempt((scope) => scope.run(hold, { account: 'a', cents: 1 }))
      .or(async () => undefined);
    // @ts-expect-error the alternative has no hold
    return either.holdId;
  },
  'an output used as another': async (saga: Saga) => {
    const { holdId } = await saga.run(hold, { account: 'a', cents: 1 });
    // @ts-expect-error a hold id is a string
    const wrong: number = holdId;
    return wrong;
  },
};

describe('the grammar', () => {
  test('sixteen wrong uses do not compile', () => {
    expect(Object.keys(mustNotCompile)).toHaveLength(16);
  });

  test('a step is a plain value that names its activities', () => {
    expect(hold).toEqual({
      kind: 'compensatable',
      name: 'hold',
      participant: { name: 'bank', taskQueue: 'bank' },
      action: 'hold',
      compensation: 'release',
      refusals: [],
      options: {},
      compensationOptions: {},
    });
    expect([charge.kind, chargeAgain.kind]).toEqual(['pivot', 'retriable']);
  });
});
