import type { OrchestratorWorker } from '../src/platform/run-worker';
import { runWorkers } from '../src/platform/run-worker';
import { fulfilment } from '../src/services/order/fulfilment';

/** The worker that runs the sagas. */
export const orchestratorWorker: OrchestratorWorker = {
  kind: 'orchestrator',
  taskQueue: fulfilment.taskQueue,
  workflowsPath: require.resolve('../workflows'),
};

if (require.main === module) void runWorkers(orchestratorWorker);
