import { type OrchestratorWorker, runWorkers } from '../src/worker';
import { fulfilment } from '../services/order/fulfilment';
import { inventoryWorker } from './inventory';
import { orderWorker } from './order';
import { paymentWorker } from './payment';
import { shippingWorker } from './shipping';

/** The worker that runs the sagas, and their steps if they are placed on its queue. */
export const orchestratorWorker: OrchestratorWorker = {
  kind: 'orchestrator',
  taskQueue: fulfilment.taskQueue,
  workflowsPath: require.resolve('../workflows'),
  participants: [orderWorker, paymentWorker, inventoryWorker, shippingWorker],
};

if (require.main === module) void runWorkers(orchestratorWorker);
