import { serviceNames, type ServiceUrls } from '../../services/names';
import { OrderDesk } from './order-desk';
import { prepareDatabases } from './prepare';
import { startRelay } from './relay';
import { defaultSettings, openServiceDatabase, type Running, type RunnerSettings } from './runner';
import { startService } from './start-service';

/** A running choreography, and the desk at which orders are placed. */
export interface Choreography {
  readonly desk: OrderDesk;
  readonly place: OrderDesk['place'];
  readonly ended: OrderDesk['ended'];
  stop(): Promise<void>;
}

/**
 * Runs the four services and the relay in this process.
 * @param urls the services' databases, provisioned as the shop's are.
 */
export async function startChoreography({
  urls,
  ...changed
}: { readonly urls: ServiceUrls } & Partial<RunnerSettings>): Promise<Choreography> {
  const settings = { ...defaultSettings, ...changed };
  await prepareDatabases(urls);
  const desk = openDesk(urls, settings);
  const running: Running[] = [];
  const stop = async () => {
    await Promise.all(running.map((one) => one.stop()));
    await desk.close();
  };
  try {
    for (const service of serviceNames) running.push(await startService(service, urls[service], settings));
    running.push(await startRelay(urls, settings));
  } catch (error) {
    await stop();
    throw error;
  }
  return { desk, place: (order) => desk.place(order), ended: (orderId) => desk.ended(orderId), stop };
}

/** The desk alone, for services that run in processes of their own. */
export function openDesk(urls: Pick<ServiceUrls, 'order'>, settings = defaultSettings): OrderDesk {
  return new OrderDesk(openServiceDatabase(urls.order, 'desk', settings), urls.order);
}
