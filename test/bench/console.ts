import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SagaClient } from '../../src/client';
import { startConsole } from '../../src/console';
import { programSaga } from '../saga/program-workflow';
import { localServer } from '../support/temporal';

/**
 * What the console costs with many sagas: `UNWIND_TEMPORAL_CLI=<path> node --require tsx/cjs test/bench/console.ts [SAGAS]`. Starts
 * that many (by default 100,000) on a development server in memory, without a worker, and asks for what the page asks for. Prints the
 * milliseconds of each, the median of five; `overview` is read anew each time, `overviewKept` is what ten pages at once get.
 */
const STARTED_AT_ONCE = 200;
const TIMES = 5;

async function main(count: number): Promise<void> {
  const env = await localServer();
  const client = new SagaClient(env.client);
  const began = performance.now();
  let next = 0;
  const start = async () => {
    while (next < count) {
      next += 1;
      const sagaId = `many-${next}`;
      await client.start({ ...programSaga, idOf: () => sagaId }, { do: 'wait', for: 'nothing' } as never);
    }
  };
  await Promise.all(Array.from({ length: STARTED_AT_ONCE }, start));
  const perSecond = Math.round((count / (performance.now() - began)) * 1_000);
  const logDirectory = mkdtempSync(join(tmpdir(), 'unwind-bench-'));
  const running = await startConsole({ client, port: 0, logDirectory });
  const get = async (path: string) => {
    const answer = await fetch(new URL(path, running.url));
    if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
    return (await answer.json()) as { cursor?: string; counts?: Record<string, number> };
  };
  const { counts } = await get('/api/overview');
  const { cursor = '' } = await get('/api/sagas');
  const results = {
    sagas: counts?.['forward'],
    startedPerSecond: perSecond,
    // Each with a filter of its own, so that nothing of it is kept.
    overview: await median((time) =>
      get(`/api/overview?where=${encodeURIComponent(`WorkflowId != '${time}'`)}`),
    ),
    overviewKept: await median(() => Promise.all(Array.from({ length: 10 }, () => get('/api/overview')))),
    list: await median(() => get('/api/sagas?state=forward')),
    nextPage: await median(() => get(`/api/sagas?cursor=${encodeURIComponent(cursor)}`)),
    one: await median((time) => get(`/api/sagas/many-${time + 1}`)),
    heapMb: Math.round(process.memoryUsage().heapUsed / 1e6),
  };
  process.stdout.write(`${JSON.stringify(results)}\n`);
  await running.close();
  await env.teardown();
}

async function median(work: (time: number) => Promise<unknown>): Promise<number> {
  const times: number[] = [];
  for (let time = 0; time < TIMES; time += 1) {
    const began = performance.now();
    await work(time);
    times.push(performance.now() - began);
  }
  return Math.round(times.sort((a, b) => a - b)[Math.floor(TIMES / 2)] ?? 0);
}

void main(Number(process.argv[2] ?? 100_000));
