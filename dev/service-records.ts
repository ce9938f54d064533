import { type Database, RecordsReader } from '../src/participant';
import { serviceNames, type ServiceUrls } from '../services/names';
import { openParticipantDatabase } from '../src/worker';

/** A page of the audit reads some hundred rows through an index: this is for a database that is busy or far away. */
const maxStatementMs = 30_000;

/** What the four services' databases know of sagas. */
export interface ServiceRecords {
  readonly readers: readonly RecordsReader[];
  close(): Promise<void>;
}

/**
 * Opens the barrier's rows of each service over that service's own connection; the caller closes them.
 * @throws SetupError `DATABASE_UNREACHABLE`
 */
export async function openServiceRecords(urls: ServiceUrls): Promise<ServiceRecords> {
  const databases: Database[] = [];
  const close = async () => {
    await Promise.all(databases.map((database) => database.close()));
  };
  const readers: RecordsReader[] = [];
  try {
    for (const service of serviceNames) {
      const database = await openParticipantDatabase(service, {
        url: urls[service],
        poolSize: 2,
        maxStatementMs,
        applicationName: 'unwind-audit',
        // A connection that is lost while idle is opened again by the next query, or fails it.
        onError: () => undefined,
      });
      databases.push(database);
      readers.push(new RecordsReader(service, database));
    }
    return { readers, close };
  } catch (error) {
    await close();
    throw error;
  }
}
