import vm from 'node:vm';

/** An option of every worker, which the type of a replaying one leaves out: the sandbox is in this thread, where it can be seen. */
export const inThisThread = { debugMode: true };

/** Runs something, and says which functions of the SDK in the sandbox it has called; nothing for a script. */
export async function sandboxCallsOf(run: () => Promise<void>): Promise<readonly (string | undefined)[]> {
  const calls: (string | undefined)[] = [];
  const { prototype } = vm.Script;
  const { runInContext } = prototype;
  prototype.runInContext = function (context, options) {
    const [, called] = (context['__temporal_args'] ?? []) as readonly string[];
    calls.push(called);
    return runInContext.call(this, context, options) as unknown;
  };
  try {
    await run();
  } finally {
    prototype.runInContext = runInContext;
  }
  return calls;
}
