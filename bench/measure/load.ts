import { UNSERVED } from '../business/order';
import type { Running } from '../contenders/contender';
import type { Load, Request } from './protocol';

/** Fulfils orders, `concurrency` at a time: the next begins when one has ended. @throws when one ends otherwise than it must */
export async function load(
  running: Running,
  { prefix, orders, concurrency, path, early = false }: Request,
): Promise<Load> {
  const latencies: number[] = [];
  const firstAnswers: number[] = [];
  const fulfil = early ? running.fulfilWithEarlyAnswer : running.fulfil;
  if (!fulfil) throw new Error('this contender has no early answer');
  let next = 0;
  const before = process.cpuUsage();
  const begun = performance.now();
  const client = async () => {
    while (next < orders) {
      const number = next++;
      const orderBegun = performance.now();
      const { kind, firstAnswerMs } = await fulfil({
        orderId: `${prefix}-${number}`,
        customer: `customer-${number % 100}`,
        sku: `sku-${number % 20}`,
        quantity: 1 + (number % 3),
        amount: 1_000 + number,
        country: path === 'happy' ? 'DE' : UNSERVED,
      });
      if ((kind === 'completed') !== (path === 'happy')) throw new Error(`${prefix}-${number} ended ${kind}`);
      latencies.push(performance.now() - orderBegun);
      if (firstAnswerMs !== undefined) firstAnswers.push(firstAnswerMs);
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, orders) }, client));
  const seconds = (performance.now() - begun) / 1000;
  const { user, system } = process.cpuUsage(before);
  return { seconds, latencies, firstAnswers, cpuMs: (user + system) / 1000 };
}
