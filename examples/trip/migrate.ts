import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { barrierTable, type Database } from '../../src/participant';

/** Creates the tables in an empty database: the barrier's, then those of the participants. */
export async function migrate(database: Database): Promise<void> {
  const own = await readFile(join(__dirname, 'migrations/001-trip.sql'), 'utf8');
  await database.transaction(async (tx) => {
    await tx.query(barrierTable);
    await tx.query(own);
  });
}
