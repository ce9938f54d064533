import { runWorkers } from '../src/worker';
import { inventoryWorker } from './inventory';
import { orchestratorWorker } from './orchestrator';
import { orderWorker } from './order';
import { paymentWorker } from './payment';
import { shippingWorker } from './shipping';

/** Every worker in one process: for a small machine. */
void runWorkers(orchestratorWorker, orderWorker, paymentWorker, inventoryWorker, shippingWorker);
