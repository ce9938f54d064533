import type { ServiceUrls } from '../services/names';
import { provisionedUrls } from '../services/provision';
import { readStackSettings } from './config';
import { homeDirectory } from './home';
import type { PostgresPlace } from './postgres-server';
import { placeOf } from './share';
import type { TemporalPlace } from './temporal-server';
import { localTarget, targetFromSettings, type TemporalTarget } from '../src/worker';

/**
 * The Temporal server to use: that of the settings, else that of the installation that runs in the home directory,
 * else the address at which a development server listens.
 * @throws SetupError `INVALID_SETTING`
 */
export async function temporalTarget(env: NodeJS.ProcessEnv): Promise<TemporalTarget> {
  const given = targetFromSettings(env);
  if (given) return given;
  const place = await placeOf<TemporalPlace>(homeDirectory(env), 'temporal');
  return localTarget(place?.address ?? '127.0.0.1:7233', env);
}

/**
 * The services' databases to look into: those of the settings, else those of the installation that runs in the home
 * directory; undefined when neither says where they are.
 * @throws SetupError `INVALID_SETTING`
 */
export async function serviceDatabases(env: NodeJS.ProcessEnv): Promise<ServiceUrls | undefined> {
  const { databases } = readStackSettings(env);
  if (databases.kind === 'given') return databases.urls;
  if (databases.kind === 'admin') return provisionedUrls(databases.url);
  const place = await placeOf<PostgresPlace>(homeDirectory(env), 'postgres');
  return place && provisionedUrls(place.url);
}
