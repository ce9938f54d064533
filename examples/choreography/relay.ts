import type { Task } from 'graphile-worker';
import { type ServiceName, serviceNames, type ServiceUrls } from '../../services/names';
import { DELIVER, type Delivery, keyOf, MAX_ATTEMPTS } from './outbox';
import { openPool, type Running, type RunnerSettings, startRunner } from './runner';

/**
 * Carries each event from its service's database to that of a consumer, at least once: it alone knows all databases, and
 * all that it may do there is to add a job.
 */
export async function startRelay(urls: ServiceUrls, settings: RunnerSettings): Promise<Running> {
  // Three other services deliver to one at most.
  const open = (service: ServiceName) =>
    openPool(urls[service], 'relay', 3 * settings.concurrency, settings.log);
  const inboxes = {
    order: open('order'),
    payment: open('payment'),
    inventory: open('inventory'),
    shipping: open('shipping'),
  };
  const deliver: Task = async (payload) => {
    const { to, event } = payload as Delivery;
    // One that is delivered again after it was worked off finds the barrier's row.
    await inboxes[to].query({
      name: DELIVER,
      text: `SELECT FROM graphile_worker.add_job($1, $2::json, max_attempts => $3, job_key => $4,
               job_key_mode => 'unsafe_dedupe')`,
      values: [event.type, JSON.stringify(event), MAX_ATTEMPTS, keyOf(event)],
    });
  };
  const runners: Running[] = [];
  const stop = async () => {
    await Promise.all(runners.map((runner) => runner.stop()));
    await Promise.all(Object.values(inboxes).map((pool) => pool.end()));
  };
  try {
    for (const service of serviceNames) {
      runners.push(await startRunner(urls[service], { [DELIVER]: deliver }, settings));
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return { failed: Promise.race(runners.map(({ failed }) => failed)), stop };
}
