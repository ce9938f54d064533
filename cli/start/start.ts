import { SagaClient } from '../../src/client';
import { readPlacements } from '../../src/worker';
import type { Stack } from '../../dev/stack';
import { startStack } from '../../dev/stack';
import type { Supervisor } from '../../dev/supervisor';
import type { EndedSaga } from '../../services/invariants';
import { checkInvariants } from '../../services/invariants';
import { reasonOf } from '../../src/cli';
import { readOrders } from './example-orders';
import type { StartOptions } from './options';
import type { PlacedOrder } from './place-orders';
import { placeOrder } from './place-orders';
import { asJson, asText } from './present';
import { timedProgress } from './progress';

/**
 * `npm start`: starts everything, places the orders, waits for them and prints the result.
 * @returns the exit code: 1 if a saga did not end all done or all undone, or an invariant does not hold.
 * @throws SetupError
 */
export async function start(
  options: StartOptions,
  env: NodeJS.ProcessEnv,
  supervisor: Supervisor,
): Promise<number> {
  const progress = timedProgress();
  const toPlace = readOrders(options.orders);
  const stack = await startStack({ env, supervisor, progress });

  progress(`Placing ${toPlace.length} orders`);
  const client = new SagaClient(stack.client, { placements: readPlacements(env) });
  const orders = await orFailed(
    stack,
    Promise.all(toPlace.map((each) => placeOrder(client, each, supervisor.signal))),
  );
  const endedSagas = orders.flatMap(asEnded);
  progress(`${endedSagas.length} of ${orders.length} orders have ended; checking that everything adds up`);
  const invariants = await checkInvariants(stack.urls, endedSagas);
  const ok = endedSagas.length === orders.length && invariants.every(({ holds }) => holds);

  const result = { stack, orders, invariants, ok };
  process.stdout.write(`${options.json ? asJson(result) : asText(result, process.stdout.isTTY)}\n`);
  progress(
    ok
      ? 'Every order is all done or all undone'
      : 'Some orders are neither all done nor all undone: see the tables',
  );
  if (options.keep) await keep(stack);
  return ok ? 0 : 1;
}

/** What the databases must agree with; empty for a saga that has not ended as intended. */
function asEnded({ orderId, sagaId, outcome }: PlacedOrder): EndedSaga[] {
  switch (outcome.kind) {
    case 'completed':
    case 'compensated':
    case 'cancelled': {
      const reason = reasonOf(outcome);
      return [{ orderId, workflowId: sagaId, ended: outcome.kind, ...(reason !== undefined && { reason }) }];
    }
    default:
      return [];
  }
}

async function keep(stack: Stack): Promise<never> {
  const lines = [
    'Everything keeps running until Ctrl-C. Try next, in another terminal:',
    ...(stack.uiUrl
      ? [`  the Web UI            ${stack.uiUrl}/namespaces/${stack.namespace}/workflows`]
      : []),
    '  the command line      npm run unwind -- --help',
    '  more orders           npm start -- --orders FILE',
  ];
  process.stderr.write(`\n${lines.join('\n')}\n`);
  return stack.failed;
}

function orFailed<T>(stack: Stack, work: Promise<T>): Promise<T> {
  return Promise.race([work, stack.failed]);
}
