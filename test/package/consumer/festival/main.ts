import { join } from 'node:path';
import { WorkflowNotFoundError } from '@temporalio/client';
import { explore, runMatrix, SagaTestKit, sagaUnderTest } from 'unwind/testing';
import * as steps from './steps.js';

const saga = sagaUnderTest({
  definition: steps.visit,
  steps,
  input: (visitId) => ({ visitId, guests: ['ada', 'grace'] }),
  answers: {
    reserveSeat: ({ guest }) => ({ reference: `seat of ${guest}` }),
    bookPlace: ({ kind }) => ({ reference: `a ${kind}` }),
    rentBedding: () => ({ reference: 'bedding' }),
    requestTransfer: ({ visitId }) => ({ reference: `transfer of ${visitId}` }),
    transferState: ({ asked }) => ({ settled: asked > 3 }),
    settle: ({ reference }) => ({ reference }),
    printTicket: ({ guest }) => ({ reference: `ticket of ${guest}` }),
  },
  meanwhile: async ({ client, sagaId, sleep }) => {
    await sleep(60_000);
    try {
      await client.temporal.workflow.getHandle(sagaId).signal('approve');
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
    }
  },
});

/** Prints what so many matrices and an exploration come to. */
async function main(): Promise<void> {
  const workflowsPath = join(process.cwd(), 'festival', 'workflows.js');
  const kit = await SagaTestKit.start({ workflowsPath, sagas: [saga] });
  const placements = ['participants', 'saga-queue', 'express'] as const;
  const matrices: object[] = [];
  for (let left = Number(process.argv[2]); left > 0; left--) {
    const { cases, violations, notFired } = await runMatrix(kit, saga, { placements });
    matrices.push({ cases, violations, notFired });
  }
  const { schedules, broken } = await explore(kit, saga, { placements, schedules: 300 });
  await kit.stop();
  process.stdout.write(`${JSON.stringify({ matrices, schedules, broken })}\n`);
}

void main();
