import { DBOS } from '@dbos-inc/dbos-sdk';
import {
  assertStillOwnsWorkflow,
  type DataSourceTransactionHandler,
  DBOSStepAlreadyRecordedError,
  DBOSWorkflowConflictError,
  migrateDataSourcePG,
  registerDataSource,
  replayRecordedStep,
  runTransaction,
} from '@dbos-inc/dbos-sdk/datasource';
import { AsyncLocalStorage } from 'node:async_hooks';
import { Pool, type PoolClient, type PoolConfig } from 'pg';
import { SuperJSON } from 'superjson';
import type { Sql } from '../business/services';
import { inTransaction } from '../business/transaction';

/**
 * A data source of DBOS for node-postgres: each step's record commits with its changes. Written against the interface that
 * DBOS publishes for data sources, because no version of its own package for node-postgres fits the SDK that is measured.
 * Its transactions are READ COMMITTED, so they never fail to serialize.
 */
export class TransactionalSteps implements DataSourceTransactionHandler {
  readonly #client = new AsyncLocalStorage<PoolClient>();
  readonly #pool: Pool;

  constructor(
    readonly name: string,
    config: PoolConfig,
  ) {
    this.#pool = new Pool(config);
    registerDataSource(this);
  }

  run<T>(step: string, body: (sql: Sql) => Promise<T>): Promise<T> {
    return runTransaction(() => body(this.#client.getStore() as PoolClient), step, { dsName: this.name });
  }

  async initialize(): Promise<void> {
    await inTransaction(this.#pool, (client) =>
      migrateDataSourcePG(async (sql) => (await client.query(sql)).rows),
    );
  }

  destroy(): Promise<void> {
    return this.#pool.end();
  }

  async invokeTransactionFunction<This, Args extends unknown[], Return>(
    _config: unknown,
    target: This,
    body: (this: This, ...args: Args) => Promise<Return>,
    ...args: Args
  ): Promise<Return> {
    const { workflowID, stepID } = DBOS;
    if (workflowID === undefined || stepID === undefined)
      throw new Error('a transactional step runs in a workflow');
    const recorded = await this.#recorded(workflowID, stepID);
    if (recorded) return replayRecordedStep<Return>(recorded);
    try {
      return await inTransaction(this.#pool, async (client) => {
        const result = await this.#client.run(client, () => body.call(target, ...args));
        await record(client, workflowID, stepID, 'output', result);
        await assertStillOwnsWorkflow(workflowID);
        return result;
      });
    } catch (error) {
      if (error instanceof DBOSStepAlreadyRecordedError)
        return replayRecordedStep<Return>((await this.#recorded(workflowID, stepID)) ?? {});
      if (!(error instanceof DBOSWorkflowConflictError))
        await record(this.#pool, workflowID, stepID, 'error', error);
      throw error;
    }
  }

  async deleteCheckpoints(
    workflowID: string,
    firstStep: number,
    beforeCommit?: () => Promise<void>,
  ): Promise<void> {
    await inTransaction(this.#pool, async (client) => {
      const text = 'DELETE FROM dbos.transaction_completion WHERE workflow_id = $1 AND function_num >= $2';
      await client.query(text, [workflowID, firstStep]);
      await beforeCommit?.();
    });
  }

  async #recorded(workflowID: string, stepID: number): Promise<Recorded | undefined> {
    const text =
      'SELECT output, error FROM dbos.transaction_completion WHERE workflow_id = $1 AND function_num = $2';
    return (await this.#pool.query<Recorded>(text, [workflowID, stepID])).rows[0];
  }
}

interface Recorded {
  readonly output: string | null;
  readonly error: string | null;
}

async function record(
  sql: Pool | PoolClient,
  workflowID: string,
  stepID: number,
  what: 'output' | 'error',
  value: unknown,
): Promise<void> {
  const text = `INSERT INTO dbos.transaction_completion (workflow_id, function_num, ${what}) VALUES ($1, $2, $3)
                ON CONFLICT (workflow_id, function_num) DO NOTHING`;
  const { rowCount } = await sql.query(text, [workflowID, stepID, SuperJSON.stringify(value)]);
  if (rowCount === 0) throw new DBOSStepAlreadyRecordedError(workflowID, stepID);
}
