import { type Command, InvalidArgumentError } from 'commander';
import {
  addListOptions,
  cancelSaga,
  exitCodes,
  type ListOptions,
  listSagas,
  previewSaga,
  rescueSaga,
  reverseSaga,
  type Session,
  showSaga,
  startSaga,
  waitForSaga,
} from '../../src/cli';
import { ACCEPTED, fulfilment, orderSagaId, type Review, reviewOrder } from '../../services/order/fulfilment';
import { orderId } from '../../services/order/schema';
import { readOrder } from './order-file';

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
      const { wait, accepted } = options;
      await startSaga(session, fulfilment, readOrder(file), { wait, ...(accepted && { until: ACCEPTED }) });
    });

  order
    .command('wait')
    .description(`wait until an order has ended; exits with ${exitCodes.notCompleted} unless it completed`)
    .argument('<order-id>', '', id)
    .action((orderId: string) => waitForSaga(session, orderSagaId(orderId)));

  order
    .command('show')
    .description('show an order: its steps, what it waits for, and what an operator can do')
    .argument('<order-id>', '', id)
    .option('--follow', 'show it again whenever it changes, until it ends', false)
    .action((orderId: string, options: { follow: boolean }) =>
      showSaga(session, orderSagaId(orderId), options),
    );

  order
    .command('preview')
    .description('show what would be undone if the order failed now')
    .argument('<order-id>', '', id)
    .action((orderId: string) => previewSaga(session, orderSagaId(orderId)));

  order
    .command('cancel')
    .description('request cancellation: the order is undone unless its payment is captured')
    .argument('<order-id>', '', id)
    .action((orderId: string) => cancelSaga(session, orderSagaId(orderId)));

  order
    .command('rescue')
    .description('undo an order that was terminated or timed out before its payment was captured')
    .argument('<order-id>', '', id)
    .option('--wait', 'wait until it is undone', false)
    .action((orderId: string, options: { wait: boolean }) =>
      rescueSaga(session, orderSagaId(orderId), options),
    );

  order
    .command('reverse')
    .description('undo an order past its payment: refund it, cancel its shipment, return its stock')
    .argument('<order-id>', '', id)
    .option('--wait', 'wait until it is undone', false)
    .option('--yes', 'do not ask', false)
    .action((orderId: string, options: { wait: boolean; yes: boolean }) =>
      reverseSaga(session, orderSagaId(orderId), options),
    );

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

  addListOptions(order.command('list').description('list orders, the latest first')).action(
    (options: ListOptions) => listSagas(session, { ...options, saga: fulfilment.workflow }),
  );
}

function decision(value: string): Review['decision'] {
  if (value === 'approve' || value === 'decline') return value;
  throw new InvalidArgumentError('must be approve or decline');
}

function id(value: string): string {
  const parsed = orderId.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new InvalidArgumentError(`an order id ${parsed.error.issues[0]?.message}`);
}
