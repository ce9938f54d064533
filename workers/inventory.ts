import { inventoryActivities } from '../activities/inventory';
import { type ParticipantWorker, runWorkers } from '../src/worker';
import { inventoryService } from '../services/inventory/contract';

/** The worker of the inventory service. */
export const inventoryWorker: ParticipantWorker = {
  kind: inventoryService.name,
  taskQueue: inventoryService.taskQueue,
  activities: inventoryActivities,
};

if (require.main === module) void runWorkers(inventoryWorker);
