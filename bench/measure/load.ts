import { UNSERVED } from '../business/order';
import type { Running } from '../contenders/contender';
import { inParallel } from './in-parallel';
import type { Load, Request } from './protocol';

/** Fulfils orders, `concurrency` at a time: the next begins when one has ended. @throws when one ends otherwise than it must */
export async function load(
  running: Running,
  { prefix, orders, seconds: least = 0, concurrency, path, early = false }: Request,
): Promise<Load> {
  const latencies: number[] = [];
  const ends: number[] = [];
  const firstAnswers: number[] = [];
  const fulfil = (early && running.fulfilWithEarlyAnswer) || running.fulfil;
  const before = process.cpuUsage();
  const begun = performance.now();
  const elapsed = () => (performance.now() - begun) / 1000;
  const isWanted = (number: number) => number < orders || elapsed() < least;
  await inParallel(isWanted, concurrency, async (number) => {
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
    const end = performance.now();
    latencies.push(end - orderBegun);
    firstAnswers.push(firstAnswerMs ?? end - orderBegun);
    ends.push(end - begun);
  });
  const seconds = elapsed();
  const { user, system } = process.cpuUsage(before);
  return { seconds, ends, latencies, firstAnswers, cpuMs: (user + system) / 1000 };
}
