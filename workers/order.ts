import { orderActivities } from '../activities/order';
import type { ParticipantWorker } from '../src/platform/run-worker';
import { runWorkers } from '../src/platform/run-worker';
import { orderService } from '../src/services/order/contract';

/** The worker of the order service. */
export const orderWorker: ParticipantWorker = {
  kind: orderService.name,
  taskQueue: orderService.taskQueue,
  activities: orderActivities,
};

if (require.main === module) void runWorkers(orderWorker);
