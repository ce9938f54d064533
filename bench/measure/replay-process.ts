import { readFileSync } from 'node:fs';
import v8 from 'node:v8';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { inThisThread, sandboxCallsOf } from '../../dev/sandbox-calls';

/** What a replay of one workflow takes. */
export interface ReplayCost {
  /** User and system time of the process, in milliseconds. */
  readonly cpuMs: number;
  /** Promises of the workflow, of which the SDK takes a stack trace each. */
  readonly promises: number;
  /** Calls into the sandbox: each has a thread of its own that stops it after five seconds. */
  readonly sandboxCalls: number;
}

/**
 * Replays a history many times: what a worker does whose cache has lost a workflow. In a process of its own, since CPU time is
 * that of a process.
 */
async function main([historyPath = '', codePath = '', count = '']: string[]): Promise<void> {
  // As in a contender's process.
  process.setSourceMapsEnabled(false);
  Runtime.install({ logger: new DefaultLogger('ERROR') });
  const history = historyFromJSON(JSON.parse(readFileSync(historyPath, 'utf8')));
  const workflowBundle = { codePath };
  // In one worker, whose thread compiles the code in the first of them.
  const warm = Number(count);
  const histories = Array.from({ length: 2 * warm }, (_, number) => ({
    workflowId: `replay-${number}`,
    history,
  }));
  let replayed = 0;
  let before = process.cpuUsage();
  for await (const { error } of Worker.runReplayHistories({ workflowBundle }, histories)) {
    if (error) throw error;
    if (++replayed === warm) before = process.cpuUsage();
  }
  const { user, system } = process.cpuUsage(before);
  const cost: ReplayCost = {
    cpuMs: (user + system) / 1000 / warm,
    // In this thread, where they can be seen.
    ...(await countOf(() =>
      Worker.runReplayHistory({ workflowBundle, ...inThisThread }, history, 'counted'),
    )),
  };
  process.send?.(cost);
  process.disconnect();
}

/** Promises that belong to a workflow, as the SDK finds out whether they do, and calls into the sandbox. */
async function countOf(run: () => Promise<void>) {
  let promises = 0;
  const stop = v8.promiseHooks.onInit((promise) => {
    if (workflowOf(promise) !== undefined) promises++;
  }) as () => void;
  const { length: sandboxCalls } = await sandboxCallsOf(run);
  stop();
  return { promises, sandboxCalls };
}

/** The workflow that runs in the realm of a promise. */
function workflowOf(promise: object): unknown {
  const ofRealm = promise.constructor.constructor as FunctionConstructor;
  return (ofRealm('return globalThis.__TEMPORAL_ACTIVATOR__') as () => unknown)();
}

void main(process.argv.slice(2));
