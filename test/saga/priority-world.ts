import { Context } from '@temporalio/activity';
import type { Priority } from '@temporalio/common';
import type { StepCall } from '../../src/saga';
import { setPriority } from '../../src/saga/priority';
import type { WorldActivities } from './program-steps';
import { World } from './world';

/** An attempt of an operation, as the worker got it. */
export interface Seen {
  readonly sagaId: string;
  /** `do a`, `undo a` */
  readonly operation: string;
  readonly priority: Priority | undefined;
}

/** A world that also keeps the priority of each attempt, as the activity's context tells it. */
export function watchingPriorities(): { readonly world: World; readonly seen: Seen[] } {
  const world = new World();
  const seen: Seen[] = [];
  const see = ({ sagaId, op, step }: StepCall) => {
    const priority = setPriority(Context.current().info.priority);
    seen.push({ sagaId, operation: `${op} ${step}`, priority });
  };
  const { act, takeBack, ask } = world.activities;
  const activities: WorldActivities = {
    act: async (input, call) => {
      see(call);
      return await act(input, call);
    },
    takeBack: async (undo, call) => {
      see(call);
      await takeBack(undo, call);
    },
    ask,
  };
  return { world: Object.create(world, { activities: { value: activities } }) as World, seen };
}
