import type { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { Pool } from 'pg';
import { barrierActivities, type Participants, plainActivities } from '../business/activities';
import { type Order, UNDELIVERABLE } from '../business/order';
import type { Sql } from '../business/services';
import { inTransaction } from '../business/transaction';
import type { Placement } from '../../src/saga';
import { SagaClient } from '../../src/client';
import { sagaBundling } from '../../src/worker';
import { openDatabase } from '../../src/participant';
import { ACCEPTED, benchSaga } from '../workflows/unwind-definition';
import type { Contender, Ended } from './contender';
import { startTemporalProcess } from './temporal-process';

/** This library, with the steps of a saga where `placement` has them run. */
export function unwind(placement: Placement, participants: Participants): Contender {
  return async (servers, settings) => {
    const { activities, close } = openParticipants(participants, servers.databaseUrl, settings.slots);
    const queue = `bench-${settings.name}`;
    const workflows = {
      taskQueue: queue,
      workflowsPath: require.resolve('../workflows/unwind'),
      plugins: [sagaBundling],
    };
    const { client, stop } = await startTemporalProcess(
      servers,
      settings,
      placement === 'participants'
        ? [workflows, { taskQueue: 'bench-services', activities }]
        : [{ ...workflows, activities }],
      close,
    );
    const saga = { ...benchSaga, taskQueue: queue, placement };
    const sagas = new SagaClient(client, { eagerStart: placement === 'express' });
    return {
      fulfil: async (order) => {
        await sagas.start(saga, order);
        return await ended(order);
      },
      fulfilWithEarlyAnswer: async (order) => {
        const begun = performance.now();
        await sagas.startUntil(saga, order, ACCEPTED);
        const firstAnswerMs = performance.now() - begun;
        return { ...(await ended(order)), firstAnswerMs };
      },
      stop,
    };

    async function ended({ orderId }: Order): Promise<Ended> {
      try {
        await client.workflow.result(orderId);
        return { kind: 'completed' };
      } catch (error) {
        const { cause } = error as WorkflowFailedError;
        if (cause instanceof ApplicationFailure && cause.type === UNDELIVERABLE)
          return { kind: 'compensated' };
        throw error;
      }
    }
  };
}

/** The activities of the participants, on a pool of their own. */
export function openParticipants(participants: Participants, connectionString: string, slots: number) {
  if (participants === 'barrier') {
    const database = openDatabase({
      url: connectionString,
      poolSize: slots,
      maxStatementMs: 10_000,
      applicationName: 'bench',
      onError: () => undefined,
    });
    return { activities: barrierActivities(database), close: () => database.close() };
  }
  if (participants === 'empty')
    return { activities: plainActivities(undefined), close: async () => undefined };
  const pool = new Pool({ connectionString, max: slots });
  return {
    activities: plainActivities(participants === 'transaction' ? inTransactions(pool) : pool),
    close: () => pool.end(),
  };
}

/** Each statement in a transaction, as by hand where a step has several. */
function inTransactions(pool: Pool): Sql {
  return { query: (text, values) => inTransaction(pool, (client) => client.query(text, values)) };
}
