import { Client } from 'pg';
import type { ServiceName, ServiceUrls } from '../../../services/names';
import { serviceNames } from '../../../services/names';
import type { Violation } from './violation';

/** A connection to each of the four databases. */
export type Databases = Readonly<Record<ServiceName, Client>>;

/** Opens all four, lets `look` read them, and closes them. */
export async function withDatabases<T>(
  urls: ServiceUrls,
  look: (databases: Databases) => Promise<T>,
): Promise<T> {
  const open = (service: ServiceName) => new Client({ connectionString: urls[service] });
  const databases: Databases = {
    order: open('order'),
    payment: open('payment'),
    inventory: open('inventory'),
    shipping: open('shipping'),
  };
  try {
    for (const service of serviceNames) await databases[service].connect();
    return await look(databases);
  } finally {
    for (const service of serviceNames) await databases[service].end();
  }
}

/** Each query finds rows `about`, `what` that must not be; none is what is hoped for. */
export async function mustFindNothing(
  client: Client,
  queries: Readonly<Record<string, readonly string[]>>,
): Promise<Violation[]> {
  const violations: Violation[] = [];
  for (const [kind, sqls] of Object.entries(queries)) {
    for (const sql of sqls) {
      const { rows } = await client.query<{ about: string; what: string }>(sql);
      violations.push(...rows.map(({ about, what }) => ({ kind, about, what })));
    }
  }
  return violations;
}
