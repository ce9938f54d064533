import { orderActivities } from '../activities/order';
import { type ParticipantWorker, runWorkers } from '../src/worker';
import { orderService } from '../services/order/contract';

/** The worker of the order service. */
export const orderWorker: ParticipantWorker = {
  kind: orderService.name,
  taskQueue: orderService.taskQueue,
  activities: orderActivities,
};

if (require.main === module) void runWorkers(orderWorker);
