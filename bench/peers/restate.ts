import * as restate from '@restatedev/restate-sdk';
import * as clients from '@restatedev/restate-sdk-clients';
import { once } from 'node:events';
import { createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { Pool } from 'pg';
import { type Order, tables, UNDELIVERABLE } from '../business/order';
import { perform, type Sql, undo, Undeliverable } from '../business/services';
import type { Contender, Ended } from '../contenders/contender';

// The SDK calls a function of the standard library that Node 20 lacks.
if (!('withResolvers' in Promise))
  Object.assign(Promise, {
    withResolvers() {
      const settle: { resolve?: unknown; reject?: unknown } = {};
      const promise = new Promise((resolve, reject) => Object.assign(settle, { resolve, reject }));
      return { promise, ...settle };
    },
  });

/** Restate: the handlers and the client of its ingress in this process; its server calls the handlers. */
const restateSaga: Contender = async ({ databaseUrl, peers }, { slots }) => {
  const { restateAdmin, restateIngress: url } = peers;
  if (!restateAdmin || !url) throw new Error('no server of Restate takes part in this run');
  const pool = new Pool({ connectionString: databaseUrl, max: slots });
  const service = orderService(pool);
  const workflow = orderWorkflow(pool);
  const stopHandlers = await serveHandlers(restateAdmin, [service, workflow]);
  const ingress = clients.connect({ url });
  return {
    fulfil: (order) =>
      // The key makes an order that is sent again the same order, as the id of a workflow does elsewhere.
      ended(
        ingress.serviceClient(service).fulfil(order, clients.rpc.opts({ idempotencyKey: order.orderId })),
      ),
    async fulfilWithEarlyAnswer(order) {
      const begun = performance.now();
      const client = ingress.workflowClient(workflow, order.orderId);
      await client.workflowSubmit(order);
      await client.accepted();
      const firstAnswerMs = performance.now() - begun;
      return { ...(await ended(client.workflowAttach())), firstAnswerMs };
    },
    async stop() {
      await stopHandlers();
      await pool.end();
    },
  };
};

/** The shape of Restate's guide to sagas: a compensation is registered before its step, for what a failed step may have done. */
async function saga(
  ctx: restate.Context,
  sql: Sql,
  order: Order,
  accept?: () => Promise<void>,
): Promise<void> {
  const compensations: (() => Promise<void>)[] = [];
  try {
    for (const table of tables) {
      compensations.unshift(() => ctx.run(`undo ${table}`, () => undo(sql, table, order)));
      await ctx.run(`perform ${table}`, () => perform(sql, table, order).catch(refuse));
      if (table === 'orders') await accept?.();
    }
  } catch (error) {
    if (error instanceof restate.TerminalError) for (const compensate of compensations) await compensate();
    throw error;
  }
}

/** A refusal ends the saga; Restate retries every other error. */
function refuse(error: unknown): never {
  if (error instanceof Undeliverable) throw new restate.TerminalError(UNDELIVERABLE, { errorCode: 409 });
  throw error;
}

const orderService = (sql: Sql) =>
  restate.service({
    name: 'Orders',
    handlers: { fulfil: (ctx: restate.Context, order: Order) => saga(ctx, sql, order) },
  });

const orderWorkflow = (sql: Sql) =>
  restate.workflow({
    name: 'OrdersWithEarlyAnswer',
    handlers: {
      run: (ctx: restate.WorkflowContext, order: Order) =>
        saga(ctx, sql, order, () => ctx.promise<boolean>('accepted').resolve(true)),
      accepted: async (ctx: restate.WorkflowSharedContext) => await ctx.promise<boolean>('accepted'),
    },
  });

async function ended(result: PromiseLike<void>): Promise<Ended> {
  try {
    await result;
    return { kind: 'completed' };
  } catch (error) {
    if (!(error instanceof clients.HttpCallError && error.status === 409)) throw error;
    return { kind: 'compensated' };
  }
}

/** Serves the handlers and registers them with Restate's server. */
async function serveHandlers(
  admin: string,
  services: restate.EndpointOptions['services'],
): Promise<() => Promise<void>> {
  const logger: restate.LoggerTransport = ({ level }, ...message) => {
    if (String(level) === 'error') process.stderr.write(`${message.join(' ')}\n`);
  };
  const server = createServer(restate.createEndpointHandler({ services, logger }));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const response = await fetch(`${admin}/deployments`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ uri: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }),
  });
  if (!response.ok) throw new Error(`Restate took no deployment: ${await response.text()}`);
  // Not waited for: Restate's server keeps its connection open.
  return async () => void server.close();
}

export const contenders = { restate: restateSaga };
