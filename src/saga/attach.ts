import { maybeGetActivator } from '@temporalio/workflow/lib/global-attributes';
import { watchWorkflow } from './watch-workflow';

/*
 * Where the engine is not preloaded, each workflow loads its modules, and so this one, before its function is called. A client
 * loads it too, to know its sagas.
 */
const workflow = maybeGetActivator();
if (workflow) {
  const { inbound = [], outbound = [], internals = [] } = watchWorkflow();
  workflow.interceptors.inbound.push(...inbound);
  workflow.interceptors.outbound.push(...outbound);
  workflow.interceptors.internals.push(...internals);
}
