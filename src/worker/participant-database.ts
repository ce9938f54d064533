import { type Database, type DatabaseOptions, openDatabase } from '../participant';
import { settingOf } from './worker-limits';
import { SetupError } from './setup-error';

/**
 * Opens a participant's database, which answers; the caller closes it.
 * @throws SetupError `DATABASE_UNREACHABLE`; `INVALID_SETTING` when its server cannot take that many connections.
 */
export async function openParticipantDatabase(
  participant: string,
  options: DatabaseOptions,
): Promise<Database> {
  const database = openDatabase(options);
  try {
    const room = await readConnectionLimit(database);
    if (options.poolSize > room) {
      throw new SetupError(
        'INVALID_SETTING',
        `${settingOf(participant, 'POOL_SIZE')} must be at most ${room}, which is what max_connections of its server ` +
          `leaves, and the connection limits of its database and role; it is "${options.poolSize}"`,
        'Lower it, and the activities at once with it; or raise the limit of the server.',
      );
    }
    return database;
  } catch (error) {
    await database.close();
    if (error instanceof SetupError) throw error;
    throw new SetupError(
      'DATABASE_UNREACHABLE',
      `The database of ${participant} cannot be used: ${(error as Error).message || String(error)}`,
      `Start it, or correct ${settingOf(participant, 'DATABASE_URL')}.`,
      { cause: error },
    );
  }
}

/** How many connections this role may have to this database, apart from what others use. */
async function readConnectionLimit(database: Database): Promise<number> {
  const [row] = await database.query<{ room: number }>(
    `SELECT least(
       current_setting('max_connections')::integer - current_setting('superuser_reserved_connections')::integer,
       nullif((SELECT datconnlimit FROM pg_database WHERE datname = current_database()), -1),
       nullif((SELECT rolconnlimit FROM pg_roles WHERE rolname = current_user), -1)) AS room`,
  );
  return row?.room ?? 0;
}
