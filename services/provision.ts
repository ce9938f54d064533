import { Client } from 'pg';
import { applyMigrations, readSeed } from './migrations';
import type { ServiceName, ServiceUrls } from './names';
import { serviceNames } from './names';
import { createDatabases, serviceUrls } from './service-databases';

const defaultPrefix = 'unwind';

/** Where {@link provision} puts the services' databases. Asks no server. @throws ProvisionError ADMIN_PASSWORD_MISSING */
export function provisionedUrls(adminUrl: string, prefix = defaultPrefix): ServiceUrls {
  return serviceUrls(adminUrl, prefix);
}

/** Any fixed number: whoever migrates the same database takes the same advisory lock. */
const migrationLock = 7_861_001;

/**
 * Creates what is missing of one role and one database per service, keeps everyone else out of each
 * database, migrates and seeds. Idempotent, and safe when two run at once.
 *
 * Passwords are not stored anywhere: each is HMAC-SHA-256(admin password, role name), so whoever has the
 * admin URL comes to the same ones. Changing the admin's password changes them at the next call.
 *
 * @param adminUrl a role that may create roles and databases.
 * @param prefix lets several shops live on one server: roles and databases are named `<prefix>_<service>`.
 * @returns each service's own URL.
 * @throws ProvisionError ADMIN_PASSWORD_MISSING when the URL has no password to derive from.
 */
export async function provision(adminUrl: string, prefix = defaultPrefix): Promise<ServiceUrls> {
  const urls = await createDatabases(adminUrl, prefix);
  await Promise.all(serviceNames.map((service) => migrateAndSeed(service, urls[service])));
  return urls;
}

/**
 * Brings a service's database to the current schema and seeds it, in one transaction: all of it or nothing.
 * Safe when two run at once (the second waits), and quick when nothing is to be done. The seed adds what is
 * missing and resets nothing. `url` names the role that will own the tables.
 *
 * @throws ProvisionError MIGRATION_CHANGED when an applied migration's file was edited since.
 */
export async function migrateAndSeed(service: ServiceName, url: string): Promise<void> {
  const client = new Client({ connectionString: url, application_name: `unwind-migrate-${service}` });
  await client.connect();
  try {
    await client.query(`BEGIN; SELECT pg_advisory_xact_lock(${migrationLock})`);
    await applyMigrations(client, service);
    await client.query(await readSeed(service));
    await client.query('COMMIT');
  } finally {
    await client.end();
  }
}
