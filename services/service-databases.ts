import { createHmac } from 'node:crypto';
import type { DatabaseError } from 'pg';
import { Client, escapeIdentifier, escapeLiteral } from 'pg';
import { ProvisionError } from './errors';
import type { ServiceName, ServiceUrls } from './names';
import { serviceNames } from './names';

const provisionLock = 7_861_000;

/**
 * Creates the roles and databases that are missing, one of each per service, named `<prefix>_<service>`,
 * and keeps everyone else out of each database.
 * @throws ProvisionError ADMIN_PASSWORD_MISSING
 */
export async function createDatabases(adminUrl: string, prefix: string): Promise<ServiceUrls> {
  const urls = serviceUrls(adminUrl, prefix);
  const admin = new Client({ connectionString: adminUrl, application_name: 'unwind-provision' });
  await admin.connect();
  try {
    const names = serviceNames.map((service) => `${prefix}_${service}`);
    await locked(admin, async () => {
      for (const service of serviceNames) {
        await createRole(admin, `${prefix}_${service}`, new URL(urls[service]).password);
      }
    });
    for (const name of names) await createDatabase(admin, name);
    await locked(admin, async () => {
      // Each time, for a set-up that was interrupted right here.
      for (const name of names) {
        await admin.query(`REVOKE CONNECT, TEMPORARY ON DATABASE ${escapeIdentifier(name)} FROM PUBLIC`);
      }
    });
    return urls;
  } finally {
    await admin.end();
  }
}

/**
 * One set-up at a time. The lock ends with the transaction: one that is held by a session would stay with a connection of
 * a pooler, and every later set-up would wait for it.
 */
async function locked(admin: Client, work: () => Promise<void>): Promise<void> {
  await admin.query(`BEGIN; SELECT pg_advisory_xact_lock(${provisionLock})`);
  await work();
  await admin.query('COMMIT');
}

async function createRole(admin: Client, name: string, password: string): Promise<void> {
  const role = escapeIdentifier(name);
  if (!(await exists(admin, 'SELECT FROM pg_roles WHERE rolname = $1', name))) {
    await admin.query(`CREATE ROLE ${role} LOGIN`);
    // An admin that is no superuser may give a database only to a role it is a member of.
    await admin.query(`GRANT ${role} TO CURRENT_USER`);
  }
  await admin.query(`ALTER ROLE ${role} PASSWORD ${escapeLiteral(password)}`);
}

/** Under no lock, because CREATE DATABASE cannot run inside a transaction. */
async function createDatabase(admin: Client, name: string): Promise<void> {
  if (await exists(admin, 'SELECT FROM pg_database WHERE datname = $1', name)) return;
  const database = escapeIdentifier(name);
  try {
    // template0, because a session of anyone in template1 would make this fail.
    await admin.query(`CREATE DATABASE ${database} OWNER ${database} ENCODING 'UTF8' TEMPLATE template0`);
  } catch (error) {
    // Another set-up was quicker: that it is there is seen before, or only as its row is written.
    if (!['42P04', '23505'].includes((error as DatabaseError).code ?? '')) throw error;
  }
}

async function exists(admin: Client, sql: string, name: string): Promise<boolean> {
  return (await admin.query(sql, [name])).rows.length > 0;
}

/**
 * Where {@link createDatabases} puts each service's database. Asks no server.
 * @throws ProvisionError ADMIN_PASSWORD_MISSING when the URL has no password to derive the services' from.
 */
export function serviceUrls(adminUrl: string, prefix: string): ServiceUrls {
  const adminPassword = decodeURIComponent(new URL(adminUrl).password);
  if (adminPassword === '') {
    throw new ProvisionError(
      'ADMIN_PASSWORD_MISSING',
      'The admin URL must hold a password, because the services’ passwords are derived from it.',
      'Add one, or give four ready databases instead.',
    );
  }
  const urls = serviceNames.map((service): [ServiceName, string] => {
    const name = `${prefix}_${service}`;
    const url = new URL(adminUrl);
    url.username = name;
    url.password = createHmac('sha256', adminPassword).update(name).digest('hex');
    url.pathname = `/${name}`;
    return [service, url.href];
  });
  return Object.fromEntries(urls) as ServiceUrls;
}
