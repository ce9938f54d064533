import { action, compensation, type Database } from '../../src/participant';
import type { WorldActivities } from './program-steps';
import type { World } from './world';

const contract = {
  input: { parse: (value: unknown) => value as { step: string } },
  output: { parse: (value: unknown) => value as { did: string } },
};

/** The same world behind a barrier: what it does and undoes is in the records of this database. */
export function behindBarrier(world: World, database: Database): World {
  const { act, takeBack, ask } = world.activities;
  const activities: WorldActivities = {
    act: action(database, contract, (_, input, call) => act(input, call)),
    takeBack: compensation(database, contract, (_, undo, call) => takeBack(undo, call)),
    ask,
  };
  return Object.create(world, { activities: { value: activities } }) as World;
}
