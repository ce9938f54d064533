import { z } from 'zod';
import type { ServiceName } from '../services/names';
import { serviceNames } from '../services/names';
import { settingOf, type Settings } from '../src/worker';
import { databaseUrl, parseSettings, port, throwProblems } from '../src/worker/settings';

/**
 * Where the services' databases are.
 * - `embedded`: nothing is given, so an embedded Postgres is started;
 * - `admin`: `DATABASE_URL`, an administrator's, with which roles and databases are set up;
 * - `given`: one URL per service, ready-made.
 */
export type DatabaseSettings =
  | { readonly kind: 'embedded' }
  | { readonly kind: 'admin'; readonly url: string }
  | { readonly kind: 'given'; readonly urls: Record<ServiceName, string> };

/** What a whole installation on this machine is started with. Ports are absent when any free one will do. */
export interface StackSettings {
  readonly databases: DatabaseSettings;
  readonly ports: Readonly<Record<'temporal' | 'ui' | 'postgres', number | undefined>>;
  /** Where people reach the Web UI of a Temporal server that was not started here. */
  readonly uiUrl: string | undefined;
}

const schema = z.object({
  DATABASE_URL: databaseUrl.optional(),
  ORDER_DATABASE_URL: databaseUrl.optional(),
  PAYMENT_DATABASE_URL: databaseUrl.optional(),
  INVENTORY_DATABASE_URL: databaseUrl.optional(),
  SHIPPING_DATABASE_URL: databaseUrl.optional(),
  UNWIND_TEMPORAL_PORT: port.optional(),
  UNWIND_UI_PORT: port.optional(),
  UNWIND_POSTGRES_PORT: port.optional(),
  UNWIND_UI_URL: z.url({ protocol: /^https?$/, error: 'must be an http(s) URL' }).optional(),
});

/**
 * Reads the settings of `npm start`.
 * @throws SetupError `INVALID_SETTING`, naming every problem at once.
 */
export function readStackSettings(env: Settings): StackSettings {
  const problems: string[] = [];
  const missing = serviceNames
    .map((service) => settingOf(service, 'DATABASE_URL'))
    .filter((name) => !env[name]);
  if (missing.length > 0 && missing.length < serviceNames.length) {
    problems.push(`${missing.join(', ')} must be set too: give every service's database, or none`);
  }
  const values = parseSettings(schema, env, problems);
  throwProblems(problems);
  const checked = values as NonNullable<typeof values>;
  return Object.freeze({
    databases: databases(checked),
    ports: {
      temporal: checked.UNWIND_TEMPORAL_PORT,
      ui: checked.UNWIND_UI_PORT,
      postgres: checked.UNWIND_POSTGRES_PORT,
    },
    uiUrl: checked.UNWIND_UI_URL,
  });
}

function databases(values: z.output<typeof schema>): DatabaseSettings {
  const { ORDER_DATABASE_URL: order, PAYMENT_DATABASE_URL: payment } = values;
  const { INVENTORY_DATABASE_URL: inventory, SHIPPING_DATABASE_URL: shipping } = values;
  if (order && payment && inventory && shipping) {
    return { kind: 'given', urls: { order, payment, inventory, shipping } };
  }
  return values.DATABASE_URL ? { kind: 'admin', url: values.DATABASE_URL } : { kind: 'embedded' };
}
