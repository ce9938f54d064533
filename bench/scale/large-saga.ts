import type { Client } from '@temporalio/client';
import type { Supervisor } from '../../dev/supervisor';
import { waitUntil } from '../../dev/wait-until';
import { SagaClient } from '../../src/client';
import { someOrder, UNSERVED } from '../business/order';
import { memoryOfTree } from '../measure/cpu';
import type { BenchServers } from '../servers/servers';
import { largeSaga } from '../workflows/scale-definitions';
import { startScaleWorker } from './scale-worker';

/** What one saga of many items has cost. */
export interface LargeSaga {
  readonly path: 'happy' | 'compensated';
  readonly items: number;
  readonly seconds: number;
  /** Of all its runs: it may continue as new to undo. */
  readonly runs: number;
  readonly events: number;
  readonly historyBytes: number;
  readonly stateTransitions: number;
  /** What the worker's memory has grown by, in bytes. */
  readonly memoryBytes: number;
}

/** Has a saga reserve so many items and ship them, and another one take all of them back. */
export async function measureLargeSagas(
  client: Client,
  servers: BenchServers,
  items: number,
  supervisor: Supervisor,
  progress: (line: string) => void,
): Promise<readonly LargeSaga[]> {
  const sagas = new SagaClient(client);
  const found: LargeSaga[] = [];
  for (const path of ['happy', 'compensated'] as const) {
    progress(`a saga of ${items} items, ${path}`);
    const worker = await startScaleWorker(servers, supervisor);
    const memory = memoryOfTree(worker.pid);
    const order = someOrder(`large-${path}`, path === 'happy' ? 'DE' : UNSERVED);
    const begun = performance.now();
    const { sagaId } = await sagas.start(largeSaga, { order, items });
    const outcome = await sagas.waitForClose(sagaId);
    const seconds = (performance.now() - begun) / 1_000;
    if (outcome.kind !== (path === 'happy' ? 'completed' : 'compensated'))
      throw new Error(
        `the saga of ${items} items ended: ${JSON.stringify('reason' in outcome ? outcome.reason : outcome.kind)}`,
      );
    const memoryBytes = memoryOfTree(worker.pid) - memory;
    found.push({ path, items, seconds, memoryBytes, ...(await costOf(client, sagaId)) });
    await worker.stop();
  }
  return found;
}

async function costOf(client: Client, sagaId: string) {
  // What a server lists comes a little later than what happens.
  const listed = await waitUntil('the runs to be listed as closed', 30_000, async () => {
    const found = [];
    for await (const run of client.workflow.list({ query: `WorkflowId = '${sagaId}'` })) found.push(run);
    return found.length > 0 && found.every(({ status }) => status.name !== 'RUNNING') ? found : undefined;
  });
  const cost = { runs: 0, events: 0, historyBytes: 0, stateTransitions: 0 };
  for (const { runId } of listed) {
    const { raw, historyLength, historySize } = await client.workflow.getHandle(sagaId, runId).describe();
    cost.runs++;
    cost.events += historyLength;
    cost.historyBytes += historySize ?? 0;
    cost.stateTransitions += Number(raw.workflowExecutionInfo?.stateTransitionCount ?? 0);
  }
  return cost;
}
