import { getActivator } from '@temporalio/workflow/lib/global-attributes';

/**
 * A value that each workflow has its own of. A worker may load this library once for all workflows of a thread (`preload.ts`),
 * so what belongs to one workflow is never a variable of a module.
 * @returns the workflow's value; `create` is called when it is first asked for.
 */
export function perWorkflow<T>(create: () => T): () => T {
  const values = new WeakMap<object, { readonly value: T }>();
  return () => {
    const workflow = getActivator();
    let held = values.get(workflow);
    if (!held) values.set(workflow, (held = { value: create() }));
    return held.value;
  };
}
