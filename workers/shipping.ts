import { shippingActivities } from '../activities/shipping';
import type { ParticipantWorker } from '../src/platform/run-worker';
import { runWorkers } from '../src/platform/run-worker';
import { shippingService } from '../src/services/shipping/contract';

/** The worker of the shipping service. */
export const shippingWorker: ParticipantWorker = {
  kind: shippingService.name,
  taskQueue: shippingService.taskQueue,
  activities: shippingActivities,
};

if (require.main === module) void runWorkers(shippingWorker);
