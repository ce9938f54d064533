import type { Database, DatabaseOptions } from '../participant/database';
import { openDatabase } from '../participant/database';
import type { ServiceName } from '../services/names';
import { databaseSetting } from './config';
import { SetupError } from './setup-error';

/**
 * Opens a service's database, which answers; the caller closes it.
 * @throws SetupError `DATABASE_UNREACHABLE`
 */
export async function openServiceDatabase(service: ServiceName, options: DatabaseOptions): Promise<Database> {
  const database = openDatabase(options);
  try {
    await database.query('SELECT 1');
    return database;
  } catch (error) {
    await database.close();
    throw new SetupError(
      'DATABASE_UNREACHABLE',
      `The database of the ${service} service cannot be used: ${(error as Error).message || String(error)}`,
      `Start it, or correct ${databaseSetting(service)}.`,
      { cause: error },
    );
  }
}
