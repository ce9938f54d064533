import {
  bundleWorkflowCode,
  type BundleOptions,
  type BundlerPlugin,
  type WorkflowBundleWithSourceMap,
} from '@temporalio/worker';
import { bundleStamp } from './bundle-stamp';

const interceptors = require.resolve('../saga/interceptors');

/**
 * How the workflows of sagas are bundled: a plugin for a worker that is made without {@link runWorkers}, and for
 * `bundleWorkflowCode`. The engine is loaded once for all workflows of a worker, not once for each; TypeScript is compiled for the
 * Node that runs it; the source map names the places in the sources and leaves out their text. The first line of the bundle names
 * the versions of this library and of the SDK: a worker made by {@link runWorkers} refuses a bundle of other versions.
 */
export const sagaBundling: BundlerPlugin = {
  name: 'unwind-sagas',
  configureBundler: (options) => ({
    ...options,
    preloadModules: [...(options.preloadModules ?? []), require.resolve('../saga'), interceptors],
    // Another plugin, or whoever makes the worker, may have their own.
    workflowInterceptorModules: [interceptors, ...(options.workflowInterceptorModules ?? [])],
    webpackConfigHook: (config) => leanConfig((options.webpackConfigHook ?? ((same) => same))(config)),
  }),
};

type WebpackConfig = Parameters<NonNullable<BundleOptions['webpackConfigHook']>>[0];

function leanConfig(config: WebpackConfig): WebpackConfig {
  for (const rule of config.module?.rules ?? []) {
    const use = typeof rule === 'object' && rule !== null ? rule.use : undefined;
    const options = typeof use === 'object' && use !== null && 'options' in use ? use.options : undefined;
    const jsc = typeof options === 'object' ? (options as { jsc?: { target?: string } }).jsc : undefined;
    if (jsc) jsc.target = 'es2022';
  }
  return {
    ...config,
    devtool: 'inline-nosources-source-map',
    plugins: [...(config.plugins ?? []), addStamp],
  };
}

const addStamp: NonNullable<WebpackConfig['plugins']>[number] = {
  apply: (compiler) =>
    new compiler.webpack.BannerPlugin({ banner: bundleStamp(), raw: true }).apply(compiler),
};

/**
 * Bundles the workflows of sagas ahead of time, for the `workflowBundle` of workers: what each of them does with `workflowsPath`
 * when it starts. `unwind bundle` does this on the command line.
 */
export async function bundleSagas(options: BundleOptions): Promise<WorkflowBundleWithSourceMap> {
  return await bundleWorkflowCode({ ...options, plugins: [...(options.plugins ?? []), sagaBundling] });
}
