import { ServiceError } from '@temporalio/client';
import { setTimeout as sleep } from 'node:timers/promises';
import { type SagaClient, SagaClientError, type SagaOutcome } from '../../src/client';
import { waitUntil } from '../../dev/wait-until';
import type { SagaReport } from '../../src/saga';
import type { OrderReceipt } from '../../services/order/fulfilment';
import { fulfilment, reviewOrder } from '../../services/order/fulfilment';
import type { OrderToPlace } from './example-orders';

/** An order and its outcome. */
export interface PlacedOrder {
  readonly orderId: string;
  readonly sagaId: string;
  readonly outcome: SagaOutcome<OrderReceipt>;
  readonly report: SagaReport;
}

/** How long to wait for an order, in milliseconds; the examples take seconds. */
const orderWithinMs = 5 * 60_000;

/** How often an order is polled, in milliseconds: polling costs the servers time. */
const everyMs = 250;

/**
 * Places an order, reviews or cancels it if requested, and waits until its saga has ended or is stuck.
 * @throws SetupError `NOT_READY_IN_TIME` after five minutes.
 */
export async function placeOrder(
  client: SagaClient,
  { order, whileWaiting }: OrderToPlace,
  signal: AbortSignal,
): Promise<PlacedOrder> {
  const { orderId } = order;
  const { sagaId } = await client.start(fulfilment, order);
  if (whileWaiting !== undefined) await act(client, sagaId, whileWaiting, signal);
  const outcome = await waitUntil(`order ${orderId} to end`, orderWithinMs, () => ended(client, sagaId), {
    signal,
    everyMs,
  });
  return { orderId, sagaId, outcome, report: await reportOf(client, sagaId) };
}

/** Retries, because the worker that answers the query may be restarting or busy. */
async function reportOf(client: SagaClient, sagaId: string, attempts = 5): Promise<SagaReport> {
  try {
    return await client.report(sagaId);
  } catch (error) {
    const noAnswer = error instanceof SagaClientError && error.code === 'NO_ANSWER';
    if (!(noAnswer || error instanceof ServiceError) || attempts === 1) throw error;
    await sleep(500);
    return reportOf(client, sagaId, attempts - 1);
  }
}

async function ended(client: SagaClient, sagaId: string): Promise<SagaOutcome<OrderReceipt> | undefined> {
  const outcome = await client.outcome<OrderReceipt>(sagaId);
  return outcome.kind === 'running' ? undefined : outcome;
}

async function act(
  client: SagaClient,
  sagaId: string,
  action: NonNullable<OrderToPlace['whileWaiting']>,
  signal: AbortSignal,
): Promise<void> {
  const waits = await waitUntil(
    `${sagaId} to wait for its review`,
    orderWithinMs,
    async () => {
      const { status, steps } = await reportOf(client, sagaId);
      if (status !== 'forward') return 'no longer';
      return steps.length > 0 && steps.every(({ state }) => state !== 'running') ? 'yes' : undefined;
    },
    { signal, everyMs },
  );
  // It was placed and reviewed before, or it failed before its review.
  if (waits !== 'yes') return;
  if (action === 'cancel') return client.cancel(sagaId);
  await client.update(sagaId, reviewOrder, { decision: action, actor: 'a-reviewer' });
}
