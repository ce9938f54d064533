import { join } from 'node:path';
import type { Run } from '../dev/supervisor';
import { temporaryDirectory } from '../dev/temporary-postgres';
import { connectClient, localTarget } from '../src/worker';
import bounds from './bounds.json';
import { contenders } from './contenders/contenders';
import { ContenderProcess } from './measure/child-process';
import { startDevelopmentServer } from './servers/development-server';
import { type WorkflowCost, workflowCosts } from './measure/workflow-cost';

/** What the engine costs more than the same workflow by hand, and may cost: none of it depends on the machine. */
interface Checked {
  readonly name: string;
  readonly value: number;
  readonly atMost: number;
}

const pairs = [
  ['saga-queue', 'by-hand'],
  ['express', 'by-hand-local'],
] as const;

const readings: Readonly<Record<string, (cost: WorkflowCost) => number>> = {
  events: ({ events }) => events,
  'state transitions': ({ stateTransitions }) => stateTransitions,
  'bytes of history': ({ historyBytes }) => historyBytes,
  promises: ({ promises }) => promises,
  'calls into the sandbox': ({ sandboxCalls }) => sandboxCalls,
  'memory of a cached workflow': ({ cachedBytes }) => cachedBytes,
  bundle: ({ bundleBytes }) => bundleBytes,
  // Of the same run, in turns: a slow machine is slow for both. What else it does can only add, so the lowest is the truest.
  'CPU of a replay': ({ replayMs }) => Math.min(...replayMs.rounds),
};

/**
 * `npm run bench -- --check`: compares ratios with `bounds.json`. Needs a development server and no database.
 * @returns the exit code: 1 when a ratio is above its bound.
 */
export async function check(run: Run): Promise<number> {
  const costs = await costsWithoutDatabase(run);
  const checked = pairs.flatMap(([of, to]) =>
    Object.entries(readings).map(([what, read]): Checked => {
      const [one, other] = [costs.get(`${of}/empty`), costs.get(`${to}/empty`)];
      const name = `${of} ÷ ${to}: ${what}`;
      const atMost = (bounds as Readonly<Record<string, number>>)[name];
      if (!one || !other || atMost === undefined) throw new Error(`${name} has no figures, or no bound`);
      return { name, value: read(one) / read(other), atMost };
    }),
  );
  for (const { name, value, atMost } of checked) {
    const verdict = value <= atMost ? 'ok    ' : 'FAILED';
    process.stdout.write(`${verdict} ${name} is ${value.toFixed(2)}, at most ${atMost}\n`);
  }
  const failed = checked.filter(({ value, atMost }) => value > atMost).length;
  process.stdout.write(`${checked.length - failed} passed, ${failed} failed\n`);
  return failed > 0 ? 1 : 0;
}

async function costsWithoutDatabase(run: Run) {
  const { env, supervisor } = run;
  const directory = temporaryDirectory(supervisor);
  const { address } = await startDevelopmentServer(run, directory);
  const target = localTarget(address, env);
  const servers = {
    databaseUrl: '',
    adminUrl: '',
    temporal: { address, namespace: target.namespace },
    peers: {},
  };
  const orders = new Map<
    string,
    { orderId: string; workflows: NonNullable<(typeof contenders)[string]['workflows']> }
  >();
  for (const name of pairs.flat().map((each) => `${each}/empty`)) {
    const { workflows } = contenders[name] ?? {};
    if (!workflows) throw new Error(`${name} runs no workflow`);
    // Equally long, as they are a part of every payload.
    const prefix = `order-${orders.size}`;
    const child = await ContenderProcess.start(name, servers);
    supervisor.onStop(name, () => child.stop());
    await child.run({ prefix, orders: 1, concurrency: 1, path: 'happy' });
    await child.stop();
    orders.set(name, { orderId: `${prefix}-0`, workflows });
  }
  const client = await connectClient(target);
  try {
    return await workflowCosts(client, orders, 3, join(directory, 'histories'));
  } finally {
    await client.connection.close();
  }
}
