import { expect, test } from '@jest/globals';
import { Driver } from '../../src/saga/core/driver';
import { SagaState } from '../../src/saga/core/state';

test('S16 express: a saga that is over shows its end, also when a cancel came that nothing follows from', () => {
  const state = new SagaState({ express: true });
  const shown: string[] = [];
  const driver = new Driver(state, {
    now: () => 0,
    perform: (command) => void (command.do === 'publish' && shown.push(state.phase)),
  });
  driver.bodyReturned();
  driver.dispatch({ type: 'interrupted', by: 'cancel' });
  while (!state.over) driver.atRest();
  expect(shown.at(-1)).toBe('cancelled');
});
