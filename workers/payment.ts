import { paymentActivities } from '../activities/payment';
import { type ParticipantWorker, runWorkers } from '../src/worker';
import { paymentService } from '../services/payment/contract';

/** The worker of the payment service. */
export const paymentWorker: ParticipantWorker = {
  kind: paymentService.name,
  taskQueue: paymentService.taskQueue,
  activities: paymentActivities,
};

if (require.main === module) void runWorkers(paymentWorker);
