import { Client } from '@temporalio/client';
import { DefaultLogger, NativeConnection, Runtime, Worker, type WorkerOptions } from '@temporalio/worker';
import type { ContenderSettings, Servers } from './contender';

/** The client and the workers of a contender share one connection, which an eager start needs. */
export interface TemporalProcess {
  readonly client: Client;
  stop(): Promise<void>;
}

/** What a contender runs on one task queue. */
export type WorkerParts = Pick<
  WorkerOptions,
  'taskQueue' | 'activities' | 'workflowsPath' | 'workflowBundle' | 'plugins'
>;

export async function startTemporalProcess(
  { temporal }: Servers,
  { slots, cachedWorkflows }: Pick<ContenderSettings, 'slots' | 'cachedWorkflows'>,
  parts: readonly WorkerParts[],
  close: () => Promise<void>,
): Promise<TemporalProcess> {
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const { address, namespace } = temporal;
  const connection = await NativeConnection.connect({ address });
  const workers = await Promise.all(
    parts.map((part) =>
      Worker.create({
        connection,
        namespace,
        maxConcurrentActivityTaskExecutions: slots,
        maxConcurrentLocalActivityExecutions: slots,
        maxCachedWorkflows: cachedWorkflows,
        ...part,
      }),
    ),
  );
  const running = Promise.all(workers.map((worker) => worker.run()));
  return {
    client: new Client({ connection, namespace }),
    async stop() {
      for (const worker of workers) worker.shutdown();
      await running;
      await connection.close();
      await close();
    },
  };
}
