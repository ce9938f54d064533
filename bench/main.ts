import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runSupervised, type Supervisor } from '../dev/supervisor';
import { connectClient, localTarget, SetupError } from '../src/worker';
import { check } from './check';
import { plainName } from './contenders/contender';
import { contenders } from './contenders/contenders';
import { ContenderProcess } from './measure/child-process';
import { sampleAll } from './measure/samples';
import { warmUp } from './measure/warm-up';
import { workflowCosts } from './measure/workflow-cost';
import { type Options, readOptions } from './options';
import { originOf } from './report/origin';
import { ratiosOf } from './report/ratios';
import type { ContenderResult, Result } from './report/result';
import { writePage } from './report/page';
import { renderResult } from './report/text';
import { TIDIED_BETWEEN_LOADS } from './servers/rest';
import { type BenchServers, startServers } from './servers/servers';

const progress = (line: string) => void process.stderr.write(`${line}\n`);

/** `npm run bench`: fulfils the same orders by everybody who takes part, side by side, and reports what it took. */
void runSupervised((supervisor) => main(process.argv.slice(2), supervisor));

async function main(args: readonly string[], supervisor: Supervisor): Promise<number> {
  const options = readOptions(args);
  if (options.check) return await check({ env: process.env, supervisor, progress });
  const result = options.from
    ? reportedAgain(JSON.parse(readFileSync(options.from, 'utf8')) as Result)
    : await run(options, args, supervisor);
  process.stdout.write(
    options.json ? `${JSON.stringify(result, undefined, 2)}\n` : `${renderResult(result)}\n`,
  );
  if (options.docs) await writePage(options.docs, result);
  return 0;
}

/** With the ratios as they are taken now. */
function reportedAgain(result: Result): Result {
  return { ...result, ratios: ratiosOf(result.contenders) };
}

async function run(options: Options, args: readonly string[], supervisor: Supervisor): Promise<Result> {
  const names = options.only ?? Object.keys(contenders);
  const unknown = names.filter((name) => !(name in contenders));
  if (unknown.length > 0)
    throw new SetupError(
      'INVALID_SETTING',
      `--only names ${unknown.join(', ')}, who do not take part.`,
      `These do: ${Object.keys(contenders).join(', ')}`,
    );
  const servers = await startServers({ env: process.env, supervisor, progress }, names, TIDIED_BETWEEN_LOADS);
  return await measure(names, servers, options, args, supervisor);
}

async function measure(
  names: readonly string[],
  servers: BenchServers,
  options: Options,
  args: readonly string[],
  supervisor: Supervisor,
): Promise<Result> {
  const processes = new Map<string, ContenderProcess>();
  for (const name of names) {
    const child = await ContenderProcess.start(name, servers);
    supervisor.onStop(name, () => child.stop());
    processes.set(name, child);
    await warmUp(child, `warm-${plainName(name)}`);
    progress(`${name} has started`);
  }
  const samples = await sampleAll(processes, servers, options, progress);
  const ended = new Map(
    names.flatMap((name) => {
      const { workflows } = contenders[name] ?? {};
      return workflows ? [[name, { orderId: `warm-${plainName(name)}-0`, workflows }] as const] : [];
    }),
  );
  const costs = await costsOf(servers, ended, options, supervisor);
  const results: Record<string, ContenderResult> = {};
  for (const [name, found] of samples) {
    const cost = costs.get(name);
    results[name] = { about: contenders[name]?.about ?? '', samples: found, ...(cost && { cost }) };
  }
  return {
    ...originOf(['npm run bench --', ...args].join(' '), servers),
    contenders: results,
    ratios: ratiosOf(results),
  };
}

async function costsOf(
  { temporal }: BenchServers,
  ended: Parameters<typeof workflowCosts>[1],
  { rounds }: Options,
  supervisor: Supervisor,
) {
  const client = await connectClient(
    localTarget(temporal.address, { TEMPORAL_NAMESPACE: temporal.namespace }),
  );
  const directory = mkdtempSync(join(tmpdir(), 'unwind-bench-'));
  supervisor.onStop('the histories', () => rmSync(directory, { recursive: true, force: true }));
  try {
    return await workflowCosts(client, ended, rounds, directory);
  } finally {
    await client.connection.close();
  }
}
