import { DefaultLogger, type WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { bundleSagas } from '../worker/bundle';

/** Bundles the workflows of a kit, with what it needs inside of them. */
export async function bundleForKit(workflowsPath: string): Promise<WorkflowBundleWithSourceMap> {
  return await bundleSagas({
    workflowsPath,
    workflowInterceptorModules: [require.resolve('./unpolled')],
    logger: new DefaultLogger('WARN'),
  });
}
