import { randomBytes } from 'node:crypto';
import { Client, escapeIdentifier } from 'pg';
import type { ServiceName, ServiceUrls } from '../../services/names';
import { serviceNames } from '../../services/names';
import { migrateAndSeed } from '../../services/provision';

/** A database of its own for one test file. */
export interface TestDatabase {
  readonly url: string;
  /** Ends whatever is still connected to it. */
  drop(): Promise<void>;
}

/** Creates an empty database on the server that `DATABASE_URL`, an admin's URL, names. */
export async function createTestDatabase(name: string): Promise<TestDatabase> {
  const database = `test_${name}_${randomBytes(4).toString('hex')}`;
  const url = new URL(adminUrl());
  url.pathname = `/${database}`;
  await asAdmin(`CREATE DATABASE ${escapeIdentifier(database)} TEMPLATE template0 ENCODING 'UTF8'`);
  return {
    url: url.href,
    drop: () => asAdmin(`DROP DATABASE ${escapeIdentifier(database)} WITH (FORCE)`),
  };
}

/** Creates the databases of all four services, migrated and seeded. */
export async function createShopDatabases(
  name: string,
): Promise<{ readonly urls: ServiceUrls; drop(): Promise<void> }> {
  const entries = await Promise.all(
    serviceNames.map(async (service): Promise<[ServiceName, TestDatabase]> => {
      const database = await createTestDatabase(`${name}_${service}`);
      await migrateAndSeed(service, database.url);
      return [service, database];
    }),
  );
  return {
    urls: Object.fromEntries(entries.map(([service, { url }]) => [service, url])) as ServiceUrls,
    drop: async () => {
      for (const [, database] of entries) await database.drop();
    },
  };
}

/** The admin's URL that the test runner gives. */
export function adminUrl(): string {
  const url = process.env['DATABASE_URL'];
  if (url === undefined) throw new Error('DATABASE_URL must be set: run the tests with npm test');
  return url;
}

/** A connection of the administrator's; the caller ends it. */
export async function adminClient(): Promise<Client> {
  const client = new Client({ connectionString: adminUrl() });
  await client.connect();
  return client;
}

async function asAdmin(sql: string): Promise<void> {
  const client = await adminClient();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
