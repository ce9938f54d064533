import { readFileSync } from 'node:fs';
import v8 from 'node:v8';
import { historyFromJSON } from '@temporalio/common/lib/proto-utils';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';

/** What a replay of one workflow takes. */
export interface ReplayCost {
  /** User and system time of the process, in milliseconds. */
  readonly cpuMs: number;
  /** Promises that the workflow's sandbox makes. */
  readonly promises: number;
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
    promises: await countPromises(() =>
      // In this thread, where the promises can be seen.
      Worker.runReplayHistory({ workflowBundle, ...inThisThread }, history, 'counted'),
    ),
  };
  process.send?.(cost);
  process.disconnect();
}

/** An option of every worker, which the type of a replaying one leaves out. */
const inThisThread = { debugMode: true };

/** Promises of other realms than this one: those of the sandbox. */
async function countPromises(run: () => Promise<void>): Promise<number> {
  let count = 0;
  const stop = v8.promiseHooks.onInit((promise) => {
    if (!(promise instanceof Promise)) count++;
  }) as () => void;
  await run();
  stop();
  return count;
}

void main(process.argv.slice(2));
