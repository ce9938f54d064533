import type { Logger } from '@temporalio/common';
import { type CompiledWorkerOptions, Worker } from '@temporalio/worker';
import type { WorkflowBundleWithSourceMapAndFilename } from '@temporalio/worker/lib/workflow/workflow-worker-thread/input';
import type { WorkflowCreator } from '@temporalio/worker/lib/workflow/interface';

const sandboxes = new Map<string, Promise<WorkflowCreator>>();

/**
 * A worker whose workflow sandbox, a thread, outlives it for the next worker of the same bundle. Most tests need a worker of
 * their own, and a thread costs more than everything else in a short test.
 */
export class SandboxSharingWorker extends Worker {
  protected static override async createWorkflowCreator(
    bundle: WorkflowBundleWithSourceMapAndFilename,
    options: CompiledWorkerOptions,
    logger: Logger,
  ): Promise<WorkflowCreator> {
    let sandbox = sandboxes.get(bundle.filename);
    if (!sandbox)
      sandboxes.set(bundle.filename, (sandbox = super.createWorkflowCreator(bundle, options, logger)));
    const shared = await sandbox;
    return {
      createWorkflow: (given) => shared.createWorkflow(given),
      destroy: async () => await Promise.resolve(),
    };
  }
}

/** Ends the threads that workers have left. */
export async function closeSandboxes(): Promise<void> {
  const all = await Promise.all(sandboxes.values());
  sandboxes.clear();
  for (const sandbox of all) await sandbox.destroy();
}
