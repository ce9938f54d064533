import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { startChoreography } from '../../examples/choreography/run';
import { anyPort } from '../../dev/ports';
import { startPostgres } from '../../dev/postgres-server';
import { runSupervised, type Supervisor } from '../../dev/supervisor';
import { temporaryDirectory } from '../../dev/temporary-postgres';
import { provision } from '../../services/provision';
import { checkInvariants } from '../../services/invariants';
import { orderOf } from '../services/shop';

/**
 * `measure.ts [alone] [orders] [at once]`: the time of one order after the other, then the throughput of orders at once,
 * all in this process, on a Postgres that writes to disk before it answers.
 */
void runSupervised((supervisor) => measure(supervisor, process.argv.slice(2).map(Number)));

async function measure(
  supervisor: Supervisor,
  [alone = 100, many = 500, atOnce = 20]: number[],
): Promise<number> {
  const home = temporaryDirectory(supervisor);
  const { url } = await startPostgres({
    home,
    port: await anyPort(),
    logFile: join(home, 'postgres.log'),
    durable: true,
    start: (spec) => supervisor.start(spec),
    signal: supervisor.signal,
  });
  const urls = await provision(url);
  const shop = await startChoreography({ urls, log: () => undefined });
  supervisor.onStop('the choreography', () => shop.stop());
  let count = 0;
  const run = async () => {
    const orderId = `measured-${(count += 1)}`;
    const begun = performance.now();
    await shop.place(orderOf(orderId));
    await shop.ended(orderId);
    return performance.now() - begun;
  };
  const series = async (orders: number, lanes: number) => {
    const times: number[] = [];
    const begun = performance.now();
    let left = orders;
    const lane = async () => {
      while (left-- > 0) times.push(await run());
    };
    await Promise.all(Array.from({ length: lanes }, lane));
    return { times: times.sort((a, b) => a - b), took: performance.now() - begun };
  };
  await series(20, 4);
  const one = await series(alone, 1);
  const all = await series(many, atOnce);
  const at = (times: readonly number[], part: number) =>
    Math.round(times[Math.floor(times.length * part)] ?? 0);
  const broken = (await checkInvariants(urls, await shop.desk.allEnded())).filter(({ holds }) => !holds);
  process.stdout.write(
    `${JSON.stringify({
      cores: availableParallelism(),
      alone: { orders: alone, p50: at(one.times, 0.5), p95: at(one.times, 0.95) },
      atOnce: {
        orders: many,
        lanes: atOnce,
        perSecond: Math.round((many / all.took) * 10_000) / 10,
        p50: at(all.times, 0.5),
        p95: at(all.times, 0.95),
      },
      broken,
    })}\n`,
  );
  return broken.length > 0 ? 1 : 0;
}
