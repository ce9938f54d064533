import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Client } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { bundleSagas } from '../../src/worker';
import { plainName } from '../contenders/contender';
import { forkTypeScript } from './fork-typescript';
import { nextMessage } from './next-message';
import type { ReplayCost } from './replay-process';
import { type Spread, spreadOf } from './statistics';

/** Where a contender's workflows are, and whether they are bundled as Unwind bundles sagas. */
export interface Workflows {
  readonly path: string;
  readonly asSagas: boolean;
}

/** What one order costs in a server's history, and in the sandbox of a worker. */
export interface WorkflowCost {
  readonly events: number;
  readonly historyBytes: number;
  /** Changes of the workflow that the server has persisted. */
  readonly stateTransitions: number;
  /** Of the bundle that a worker loads, its source map included. */
  readonly bundleBytes: number;
  /** Promises of one order's workflow of which the SDK takes a stack trace. */
  readonly promises: number;
  /** Calls into the sandbox that one order's workflow takes. */
  readonly sandboxCalls: number;
  /** Heap of a workflow in the cache, in bytes. */
  readonly cachedBytes: number;
  /** CPU time of a replay, in milliseconds. */
  readonly replayMs: Spread;
}

/** Replays in one sample. */
const REPLAYS = 300;
const CACHED = 300;

/**
 * Reads what the workflows of some contenders cost, their replays interleaved.
 * @param orders the id of an order that has ended, by contender.
 */
export async function workflowCosts(
  client: Client,
  orders: ReadonlyMap<string, { readonly orderId: string; readonly workflows: Workflows }>,
  rounds: number,
  directory: string,
): Promise<ReadonlyMap<string, WorkflowCost>> {
  mkdirSync(directory, { recursive: true });
  const replays = new Map<string, ReplayCost[]>();
  const facts = new Map<
    string,
    { cost: Omit<WorkflowCost, 'replayMs' | 'promises' | 'sandboxCalls'>; files: string[] }
  >();
  for (const [name, { orderId, workflows }] of orders) {
    const handle = client.workflow.getHandle(orderId);
    const { raw, historyLength, historySize } = await handle.describe();
    const file = join(directory, `${plainName(name)}.json`);
    writeFileSync(file, historyToJSON(await handle.fetchHistory()));
    const bundle = join(directory, `${plainName(name)}.js`);
    const code = await bundled(workflows);
    writeFileSync(bundle, code);
    const cost = {
      events: historyLength,
      historyBytes: historySize ?? 0,
      stateTransitions: Number(raw.workflowExecutionInfo?.stateTransitionCount ?? 0),
      bundleBytes: Buffer.byteLength(code),
      cachedBytes: await ask<number>('memory-process', [file, bundle, String(CACHED)], ['--expose-gc']),
    };
    facts.set(name, { cost, files: [file, bundle] });
  }
  for (let round = 0; round < rounds; round++)
    for (const [name, { files }] of round % 2 ? [...facts].toReversed() : facts) {
      const cost = await ask<ReplayCost>('replay-process', [...files, String(REPLAYS)]);
      replays.set(name, [...(replays.get(name) ?? []), cost]);
    }
  return new Map(
    [...facts].map(([name, { cost }]) => {
      const costs = replays.get(name) ?? [];
      const replayMs = spreadOf(costs.map(({ cpuMs }) => cpuMs));
      const { promises = NaN, sandboxCalls = NaN } = costs[0] ?? {};
      return [name, { ...cost, promises, sandboxCalls, replayMs }];
    }),
  );
}

async function bundled({ path, asSagas }: Workflows): Promise<string> {
  const options = { workflowsPath: path, logger: new DefaultLogger('ERROR') };
  const { code } = await (asSagas ? bundleSagas(options) : bundleWorkflowCode(options));
  return code;
}

async function ask<T>(script: string, args: readonly string[], flags: readonly string[] = []): Promise<T> {
  return await nextMessage<T>(forkTypeScript(join(__dirname, `${script}.ts`), args, flags));
}
