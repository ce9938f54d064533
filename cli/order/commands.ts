import { InvalidArgumentError, type Command } from 'commander';
import { type SagaFilter, type SagaState, sagaStates, type StartedRescue } from '../../src/client';
import type { SagaReport } from '../../src/saga';
import {
  ACCEPTED,
  fulfilment,
  type OrderReceipt,
  orderSagaId,
  type Review,
  reviewOrder,
} from '../../services/order/fulfilment';
import type { OrderRequest } from '../../services/order/contract';
import { orderId } from '../../services/order/schema';
import type { Session } from '../session';
import { readOrder } from './order-file';
import { listText, outcomeText, previewText, reportText } from './print';

/** The exit code of a command that waits, if the order or its undoing did not complete. */
const NOT_COMPLETED = 2;

/** Adds `order …` to the command line. */
export function addOrderCommands(program: Command, session: Session): void {
  const order = program.command('order').description('start, follow, review, cancel and undo orders');

  order
    .command('start')
    .description('start an order; starting the same order again has no effect')
    .argument('<file>', 'JSON file of one order')
    .option('--wait', 'wait until it has ended', false)
    .option('--accepted', 'wait until it is accepted (stock reserved, payment authorised) or refused', false)
    .action(async (file: string, options: { wait: boolean; accepted: boolean }) => {
      const request = readOrder(file);
      if (options.accepted) return await startUntilAccepted(session, request);
      const started = await (await session.client()).start(fulfilment, request);
      if (options.wait) return await wait(session, request.orderId);
      session.print(started, `${started.sagaId} ${started.started ? 'started' : 'was already started'}`);
    });

  order
    .command('wait')
    .description(`wait until an order has ended; exits with ${NOT_COMPLETED} unless it completed`)
    .argument('<order-id>', '', id)
    .action((orderId: string) => wait(session, orderId));

  order
    .command('report')
    .description('show what happened to every step of an order')
    .argument('<order-id>', '', id)
    .action(async (orderId: string) => {
      const report = await (await session.client()).report(orderSagaId(orderId));
      session.print(report, reportText(report));
    });

  order
    .command('preview')
    .description('show what would be undone if the order failed now')
    .argument('<order-id>', '', id)
    .action(async (orderId: string) => {
      const preview = await (await session.client()).undoPreview(orderSagaId(orderId));
      session.print(preview, previewText(preview));
    });

  order
    .command('cancel')
    .description('request cancellation: the order is undone unless its payment is captured')
    .argument('<order-id>', '', id)
    .action(async (orderId: string) => {
      const sagaId = orderSagaId(orderId);
      await (await session.client()).cancel(sagaId);
      session.print({ sagaId, cancelRequested: true }, `${sagaId}: cancellation requested`);
    });

  order
    .command('rescue')
    .description('undo an order that was terminated or timed out before its payment was captured')
    .argument('<order-id>', '', id)
    .option('--wait', 'wait until it is undone', false)
    .action(async (orderId: string, options: { wait: boolean }) => {
      const client = await session.rescuer();
      await undoing(session, await client.rescue(orderSagaId(orderId)), options);
    });

  order
    .command('reverse')
    .description('undo an order past its payment: refund it, cancel its shipment, return its stock')
    .argument('<order-id>', '', id)
    .option('--wait', 'wait until it is undone', false)
    .action(async (orderId: string, options: { wait: boolean }) => {
      const client = await session.rescuer();
      await undoing(session, await client.reverse(orderSagaId(orderId)), options);
    });

  order
    .command('review')
    .description('approve or decline an order that waits for its review')
    .argument('<order-id>', '', id)
    .argument('<decision>', 'approve or decline', decision)
    .requiredOption('--actor <name>', 'who decides')
    .option('--note <text>', 'why')
    .action(
      async (orderId: string, decided: Review['decision'], options: { actor: string; note?: string }) => {
        const sagaId = orderSagaId(orderId);
        const review = await (
          await session.client()
        ).update(sagaId, reviewOrder, { decision: decided, ...options });
        session.print({ sagaId, review }, `${sagaId}: ${review.decision} by ${review.actor}`);
      },
    );

  order
    .command('list')
    .description('list orders, the latest first')
    .option('--state <state>', sagaStates.join(', '), state)
    .option('--where <filter>', `a Temporal list filter, such as "SagaReason = 'CARD_DECLINED'"`)
    .option('--limit <count>', 'how many at most', count, 50)
    .action(async ({ limit, ...filter }: SagaFilter & { limit: number }) => {
      const client = await session.client();
      const sagas = await take(limit, client.list({ workflow: fulfilment.workflow, ...filter }));
      session.print(sagas, listText(sagas));
    });
}

async function startUntilAccepted(session: Session, request: OrderRequest): Promise<void> {
  const sagaId = fulfilment.idOf(request);
  const answer = await (await session.client()).startUntil(fulfilment, request, ACCEPTED);
  const why = answer.kind === 'refused' ? `: ${answer.reason.code}: ${answer.reason.message}` : '';
  session.print(
    { sagaId, ...answer },
    `${sagaId} is ${answer.kind === 'reached' ? 'accepted' : answer.kind}${why}`,
  );
  if (answer.kind === 'refused') session.exitCode(NOT_COMPLETED);
}

async function wait(session: Session, orderId: string): Promise<void> {
  const sagaId = orderSagaId(orderId);
  const outcome = await (await session.client()).waitForClose<OrderReceipt>(sagaId);
  session.print({ sagaId, ...outcome }, outcomeText(sagaId, outcome));
  if (outcome.kind !== 'completed') session.exitCode(NOT_COMPLETED);
}

/** The first items, at most `limit`. */
export async function take<T>(limit: number, items: AsyncIterable<T>): Promise<T[]> {
  const taken: T[] = [];
  for await (const item of items) {
    if (taken.push(item) >= limit) break;
  }
  return taken;
}

async function undoing(session: Session, rescue: StartedRescue, options: { wait: boolean }): Promise<void> {
  const { rescueId, started } = rescue;
  if (!options.wait) {
    session.print(rescue, `${rescueId} ${started ? 'started' : 'was already started'}`);
    return;
  }
  const outcome = await (await session.client()).waitForClose<SagaReport>(rescueId);
  const completed = outcome.kind === 'completed';
  session.print(
    { ...rescue, ...outcome },
    completed ? reportText(outcome.result) : outcomeText(rescueId, outcome),
  );
  if (!completed) session.exitCode(NOT_COMPLETED);
}

function decision(value: string): Review['decision'] {
  if (value === 'approve' || value === 'decline') return value;
  throw new InvalidArgumentError('must be approve or decline');
}

function state(value: string): SagaState {
  const known = sagaStates.find((each) => each === value);
  if (known !== undefined) return known;
  throw new InvalidArgumentError(`must be one of ${sagaStates.join(', ')}`);
}

function id(value: string): string {
  const parsed = orderId.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new InvalidArgumentError(`an order id ${parsed.error.issues[0]?.message}`);
}

function count(value: string): number {
  const parsed = /^\d+$/.test(value) ? Number(value) : 0;
  if (parsed > 0) return parsed;
  throw new InvalidArgumentError('must be a whole number from 1 up');
}
