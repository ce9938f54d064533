import { type Client, WorkflowFailedError, WorkflowNotFoundError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SagaReport } from '../../../src/saga';
import type { Answer, Violation } from './violation';

/** How the started sagas stand by Temporal alone. */
export interface Standings {
  readonly answers: readonly Answer[];
  /** They run, and the list of stuck sagas shows them. */
  readonly stuck: readonly string[];
  /** Neither closed nor stuck, or not there, or ended by force. */
  readonly lost: readonly string[];
}

const AT_ONCE = 20;

/** Asks Temporal for each saga that was started. */
export async function readStandings(client: Client, started: ReadonlySet<string>): Promise<Standings> {
  const listed = new Set<string>();
  for await (const { workflowId } of client.workflow.list({
    query: `SagaStatus = 'STUCK' AND ExecutionStatus = 'Running'`,
  })) {
    listed.add(workflowId);
  }
  const runs = await countRuns(client);
  const answers: Answer[] = [];
  const stuck: string[] = [];
  const lost: string[] = [];
  const waiting = [...started];
  const work = async () => {
    for (let sagaId = waiting.pop(); sagaId !== undefined; sagaId = waiting.pop()) {
      const answer = await answerOf(client, sagaId, (runs.get(sagaId) ?? 1) > 1);
      if (answer !== undefined) answers.push(answer);
      else (listed.has(sagaId) ? stuck : lost).push(sagaId);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return { answers, stuck, lost };
}

/** What a closed saga answered; undefined when it has not closed by itself. */
async function answerOf(client: Client, sagaId: string, wasReset: boolean): Promise<Answer | undefined> {
  const about = { sagaId, orderId: sagaId.replace(/^order-/, ''), wasReset };
  const handle = client.workflow.getHandle(sagaId);
  try {
    const { status } = await handle.describe();
    switch (status.name) {
      case 'COMPLETED':
        return { ...about, ended: 'completed', receipt: (await handle.result()) as Record<string, unknown> };
      case 'CANCELLED':
        return { ...about, ended: 'cancelled' };
      case 'FAILED':
        return { ...about, ended: 'compensated', ...(await readFailure(handle.result())) };
      default:
        return undefined;
    }
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

async function readFailure(result: Promise<unknown>): Promise<Pick<Answer, 'reason' | 'partly'>> {
  try {
    await result;
  } catch (error) {
    if (error instanceof WorkflowFailedError && error.cause instanceof ApplicationFailure) {
      const [report] = (error.cause.details ?? []) as readonly Partial<SagaReport>[];
      return { reason: error.cause.type ?? 'none', partly: report?.status === 'partly-compensated' };
    }
    throw error;
  }
  throw new Error('a failed workflow gave a result');
}

/** Visibility, which follows a moment later, shows as many sagas as were started, no more and no fewer; each reset adds a run. */
export async function checkCount(client: Client, started: number): Promise<Violation[]> {
  const shown = async () => (await countRuns(client)).size;
  for (let left = 20; left > 0 && (await shown()) !== started; left -= 1) await sleep(100);
  const count = await shown();
  if (count === started) return [];
  return [
    { kind: 'miscounted', about: 'visibility', what: `it shows ${count} sagas, ${started} were started` },
  ];
}

/** The runs of each saga that visibility shows: one, and one more for each reset. */
async function countRuns(client: Client): Promise<ReadonlyMap<string, number>> {
  const runs = new Map<string, number>();
  for await (const { workflowId } of client.workflow.list({ query: `WorkflowType = 'fulfilOrder'` }))
    runs.set(workflowId, (runs.get(workflowId) ?? 0) + 1);
  return runs;
}
