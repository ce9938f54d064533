import { action, compensation, type Database } from '../../src/participant';
import { change } from './effects';
import type { Reservation, Reserve, SlowActivities } from './heartbeat-workflow';

const contract = {
  input: { parse: (value: unknown) => value as Reserve },
  output: { parse: (value: unknown) => value as Reservation },
};

/** @param wait what the action does between its change and its answer. */
export function slowActivities(
  database: Database,
  name: string,
  wait: (sagaId: string) => Promise<unknown>,
): SlowActivities {
  return {
    reserve: action(database, contract, async (tx, _, { sagaId }) => {
      await change(tx, sagaId, 1);
      await wait(sagaId);
      return { reservedBy: name };
    }),
    release: compensation(database, contract, (tx, _, { sagaId }) => change(tx, sagaId, -1)),
  };
}
