import type { TaskList } from 'graphile-worker';
import type { ServiceName } from '../../services/names';
import type { Reactions } from './events';
import { inventoryReactions } from './inventory';
import { orderReactions } from './order';
import { Participant } from './participant';
import { paymentReactions } from './payment';
import { endOverdueReview, REVIEW_OVERDUE } from './review';
import { openServiceDatabase, type Running, type RunnerSettings, startRunner } from './runner';
import { shippingReactions } from './shipping';

/** What a service does with the jobs in its database: one task for each event that it reacts to. */
export type TasksOf = (service: Participant) => TaskList;

const asTasks = (reactions: Reactions): TaskList => reactions as TaskList;

export const serviceTasks: Readonly<Record<ServiceName, TasksOf>> = {
  order: (order) => ({
    ...asTasks(orderReactions(order)),
    [REVIEW_OVERDUE]: (payload: unknown) => endOverdueReview(order, (payload as { orderId: string }).orderId),
  }),
  payment: (payment) => asTasks(paymentReactions(payment)),
  inventory: (inventory) => asTasks(inventoryReactions(inventory)),
  shipping: (shipping) => asTasks(shippingReactions(shipping)),
};

/** Runs one service, which knows its own database alone. */
export async function startService(
  name: ServiceName,
  url: string,
  settings: RunnerSettings,
  tasksOf = serviceTasks[name],
): Promise<Running> {
  const database = openServiceDatabase(url, name, settings);
  try {
    const runner = await startRunner(url, tasksOf(new Participant(database)), settings);
    return {
      failed: runner.failed,
      async stop() {
        await runner.stop();
        await database.close();
      },
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}
