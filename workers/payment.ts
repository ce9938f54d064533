import { paymentActivities } from '../activities/payment';
import type { ParticipantWorker } from '../src/platform/run-worker';
import { runWorkers } from '../src/platform/run-worker';
import { paymentService } from '../src/services/payment/contract';

/** The worker of the payment service. */
export const paymentWorker: ParticipantWorker = {
  kind: paymentService.name,
  taskQueue: paymentService.taskQueue,
  activities: paymentActivities,
};

if (require.main === module) void runWorkers(paymentWorker);
