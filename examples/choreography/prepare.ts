import { runMigrations } from 'graphile-worker';
import { type ServiceName, serviceNames, type ServiceUrls } from '../../services/names';
import { receivedEventsTable } from './received-events';
import { defaultSettings, openServiceDatabase } from './runner';

/** The services that wait for several events of an order before they act. */
const joining: readonly ServiceName[] = ['order', 'shipping'];

/** Adds the queue, and what else a service of a choreography needs, to four databases that are provisioned. Idempotent. */
export async function prepareDatabases(urls: ServiceUrls): Promise<void> {
  await Promise.all(
    serviceNames.map(async (service) => {
      await runMigrations({ connectionString: urls[service] });
      if (!joining.includes(service)) return;
      const database = openServiceDatabase(urls[service], 'migrate', defaultSettings);
      await database.query(receivedEventsTable);
      await database.close();
    }),
  );
}
