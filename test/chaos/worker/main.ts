import type { ServiceName, WorkerKind } from '../../../services/names';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Database } from '../../../src/participant';
import type { OrchestratorWorker, ParticipantWorker } from '../../../src/worker/run-worker';
import { runWorkers } from '../../../src/worker/run-worker';
import { orderSagaId } from '../../../services/order/fulfilment';
import { inventoryWorker } from '../../../workers/inventory';
import { orchestratorWorker } from '../../../workers/orchestrator';
import { orderWorker } from '../../../workers/order';
import { paymentWorker } from '../../../workers/payment';
import { shippingWorker } from '../../../workers/shipping';
import type { Style } from '../options';
import type { PlannedOrder } from '../plan/plan';
import { sampleActivities } from '../sample-style/activities';
import { injectFaults } from './inject-faults';
import { FaultLog } from './fault-log';

/** `main.ts <kind> <style> <home>`: the worker of that kind, whose activities meet what the plan in `home` holds. */
const [kind, style, home] = process.argv.slice(2) as [WorkerKind, Style, string];

const product: Readonly<Record<WorkerKind, ParticipantWorker | OrchestratorWorker>> = {
  orchestrator: orchestratorWorker,
  order: orderWorker,
  payment: paymentWorker,
  inventory: inventoryWorker,
  shipping: shippingWorker,
};

void runWorkers(definition());

function definition(): ParticipantWorker | OrchestratorWorker {
  const real = product[kind];
  if ('participants' in real) {
    if (style === 'unwind') return { ...real, participants: real.participants.map(withFaults) };
    const { kind: own, taskQueue, participants } = real;
    const workflowsPath = require.resolve('../sample-style/sample-workflow');
    return { kind: own, taskQueue, participants, workflowsPath };
  }
  return withFaults(
    style === 'unwind' ? real : { ...real, activities: sampleActivities[real.kind as ServiceName] },
  );
}

function withFaults(worker: ParticipantWorker): ParticipantWorker {
  return {
    ...worker,
    activities: (database: Database) =>
      injectFaults(worker.activities(database), readActivityFaults(), openFaultLog()),
  };
}

function readActivityFaults() {
  const plan = JSON.parse(readFileSync(join(home, 'plan.json'), 'utf8')) as readonly PlannedOrder[];
  const bySaga = new Map(
    plan.map(({ order, activityFaults }) => [orderSagaId(order.orderId), activityFaults]),
  );
  return (sagaId: string, activity: string) =>
    bySaga.get(sagaId)?.find((activityFault) => activityFault.activity === activity);
}

function openFaultLog(): FaultLog {
  return new FaultLog(join(home, 'fault-log'));
}
