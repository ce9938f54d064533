import { watchWorkflow } from './watch-workflow';

/*
 * For the bundles of `unwind/worker`, which load the engine once for all workflows of a thread (`preloadModules`): the SDK calls
 * `interceptors` for each workflow, before its function is called.
 */
export { watchWorkflow as interceptors };
