import { shippingActivities } from '../activities/shipping';
import { type ParticipantWorker, runWorkers } from '../src/worker';
import { shippingService } from '../services/shipping/contract';

/** The worker of the shipping service. */
export const shippingWorker: ParticipantWorker = {
  kind: shippingService.name,
  taskQueue: shippingService.taskQueue,
  activities: shippingActivities,
};

if (require.main === module) void runWorkers(shippingWorker);
