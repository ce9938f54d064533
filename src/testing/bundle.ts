import { bundleWorkflowCode, DefaultLogger, type WorkflowBundleWithSourceMap } from '@temporalio/worker';

type WebpackConfig = Parameters<
  NonNullable<Parameters<typeof bundleWorkflowCode>[0]['webpackConfigHook']>
>[0];

/** Bundles the workflows of a kit, with what it needs inside of them. */
export async function bundleForKit(workflowsPath: string): Promise<WorkflowBundleWithSourceMap> {
  return await bundleWorkflowCode({
    workflowsPath,
    workflowInterceptorModules: [require.resolve('./unpolled')],
    webpackConfigHook: forThisNode,
    logger: new DefaultLogger('WARN'),
  });
}

/** The SDK compiles TypeScript for old engines, which makes workflows slower by a fifth. What runs tests needs none of that. */
function forThisNode(config: WebpackConfig): WebpackConfig {
  for (const rule of config.module?.rules ?? []) {
    const use = typeof rule === 'object' && rule !== null ? rule.use : undefined;
    const options = typeof use === 'object' && use !== null && 'options' in use ? use.options : undefined;
    const jsc = typeof options === 'object' ? (options as { jsc?: { target?: string } }).jsc : undefined;
    if (jsc) jsc.target = 'es2022';
  }
  // Workflows load their modules again for each run, and one module loads sooner than fifty.
  return {
    ...config,
    optimization: {
      ...config.optimization,
      concatenateModules: true,
      usedExports: true,
      providedExports: true,
      sideEffects: true,
    },
  };
}
