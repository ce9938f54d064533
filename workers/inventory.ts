import { inventoryActivities } from '../activities/inventory';
import type { ParticipantWorker } from '../src/platform/run-worker';
import { runWorkers } from '../src/platform/run-worker';
import { inventoryService } from '../src/services/inventory/contract';

/** The worker of the inventory service. */
export const inventoryWorker: ParticipantWorker = {
  kind: inventoryService.name,
  taskQueue: inventoryService.taskQueue,
  activities: inventoryActivities,
};

if (require.main === module) void runWorkers(inventoryWorker);
