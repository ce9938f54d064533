import { WorkflowFailedError } from '@temporalio/client';
import { Pool } from 'pg';
import { plainActivities } from '../business/activities';
import type { Order } from '../business/order';
import type { Contender, Ended } from './contender';
import { startTemporalProcess } from './temporal-process';

/** A workflow written by hand on Temporal. */
export function byHand({
  workflow,
  file = 'by-hand',
  eager,
  empty,
}: {
  readonly workflow: string;
  readonly file?: string;
  /** Whether the worker in this process gets the new workflow at once. */
  readonly eager: boolean;
  /** Whether its activities do nothing at all. */
  readonly empty: boolean;
}): Contender {
  return async (servers, settings) => {
    const pool = empty ? undefined : new Pool({ connectionString: servers.databaseUrl, max: settings.slots });
    const taskQueue = `bench-${settings.name}`;
    const { client, stop } = await startTemporalProcess(
      servers,
      settings,
      [
        {
          taskQueue,
          activities: plainActivities(pool),
          workflowsPath: require.resolve(`../workflows/${file}`),
        },
      ],
      async () => pool?.end(),
    );
    return {
      async fulfil(order: Order): Promise<Ended> {
        try {
          await client.workflow.execute(workflow, {
            taskQueue,
            workflowId: order.orderId,
            args: [order],
            ...(eager && { requestEagerStart: true }),
          });
          return { kind: 'completed' };
        } catch (error) {
          if (!(error instanceof WorkflowFailedError)) throw error;
          return { kind: 'compensated' };
        }
      },
      compensates: workflow !== 'emptyWorkflow',
      stop,
    };
  };
}
