import type { Supervisor } from '../../dev/supervisor';
import { plainName } from '../contenders/contender';
import { ContenderProcess } from '../measure/child-process';
import { cpuMsOf } from '../measure/cpu';
import { quantile } from '../measure/statistics';
import type { BenchServers } from '../servers/servers';

/** What some worker processes that share a task queue have done together. */
export interface WorkerCount {
  readonly contender: string;
  readonly processes: number;
  readonly ordersPerSecond: number;
  /** CPU cores that were busy, by whose processes. */
  readonly cores: Readonly<Record<string, number>>;
}

/** Orders under way at once, however many processes there are. Twice as many start in bursts that the server cannot take (docs/scaling.md). */
const CONCURRENCY = 60;

/** Has 1, 2 and 4 processes fulfil orders, each with a worker and a client. */
export async function measureWorkerCounts(
  servers: BenchServers,
  { orders, rounds }: { readonly orders: number; readonly rounds: number },
  supervisor: Supervisor,
  progress: (line: string) => void,
): Promise<readonly WorkerCount[]> {
  const found: WorkerCount[] = [];
  for (const contender of ['saga-queue/barrier', 'express/barrier']) {
    for (const processes of [1, 2, 4]) {
      progress(`${contender} by ${processes} worker processes`);
      const children = await Promise.all(
        Array.from({ length: processes }, () => ContenderProcess.start(contender, servers)),
      );
      children.forEach((child, index) => supervisor.onStop(`worker ${index}`, () => child.stop()));
      const fulfil = async (name: string, count: number) => {
        const before = cpuMsOf(servers.pids);
        const loads = await Promise.all(
          children.map((child, index) =>
            child.run({
              prefix: `${plainName(contender)}-${processes}-${name}-${index}`,
              orders: Math.ceil(count / processes),
              concurrency: Math.ceil(CONCURRENCY / processes),
              path: 'happy',
            }),
          ),
        );
        const seconds = Math.max(...loads.map((load) => load.seconds));
        const busy = (ms: number) => ms / 1_000 / seconds;
        return {
          ordersPerSecond: loads.reduce((sum, { latencies }) => sum + latencies.length, 0) / seconds,
          cores: {
            workers: busy(loads.reduce((sum, { cpuMs }) => sum + cpuMs, 0)),
            ...Object.fromEntries(
              Object.entries(cpuMsOf(servers.pids)).map(([who, ms]) => [who, busy(ms - (before[who] ?? 0))]),
            ),
          },
        };
      };
      await fulfil('warm', 200);
      const samples = [];
      for (let round = 0; round < rounds; round++) samples.push(await fulfil(`round-${round}`, orders));
      await Promise.all(children.map((child) => child.stop()));
      const middle = quantile(
        samples.map(({ ordersPerSecond }) => ordersPerSecond),
        0.5,
      );
      const sample = samples.find(({ ordersPerSecond }) => ordersPerSecond === middle);
      if (sample) found.push({ contender, processes, ...sample });
    }
  }
  return found;
}
