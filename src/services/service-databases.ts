import { createHmac } from 'node:crypto';
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
    // Held until the connection ends: CREATE DATABASE cannot run inside a transaction.
    await admin.query('SELECT pg_advisory_lock($1)', [provisionLock]);
    for (const service of serviceNames) {
      const name = `${prefix}_${service}`;
      await createRole(admin, name, new URL(urls[service]).password);
      await createDatabase(admin, name);
    }
    return urls;
  } finally {
    await admin.end();
  }
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

async function createDatabase(admin: Client, name: string): Promise<void> {
  const database = escapeIdentifier(name);
  if (!(await exists(admin, 'SELECT FROM pg_database WHERE datname = $1', name))) {
    // template0, because a session of anyone in template1 would make this fail.
    await admin.query(`CREATE DATABASE ${database} OWNER ${database} ENCODING 'UTF8' TEMPLATE template0`);
  }
  // Each time, for a set-up that was interrupted right here.
  await admin.query(`REVOKE CONNECT, TEMPORARY ON DATABASE ${database} FROM PUBLIC`);
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
      'the admin URL must hold a password, because the services’ passwords are derived ' +
        'from it; add one, or give four ready databases instead',
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
