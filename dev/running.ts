import type { ServiceUrls } from '../services/names';
import { provisionedUrls } from '../services/provision';
import { readStackSettings } from './config';
import { homeDirectory } from './home';
import { isAlive } from './process-identity';
import type { Run } from './run-file';
import { readRun } from './run-file';
import { localTarget, targetFromSettings, type TemporalTarget } from '../src/worker';

/**
 * The Temporal server to use: that of the settings, else that of the installation that runs in the home directory,
 * else the address at which a development server listens.
 * @throws SetupError `INVALID_SETTING`
 */
export function temporalTarget(env: NodeJS.ProcessEnv): TemporalTarget {
  return targetFromSettings(env) ?? localTarget(liveRun(env)?.temporal?.address ?? '127.0.0.1:7233', env);
}

/**
 * The services' databases to look into: those of the settings, else those of the installation that runs in the home
 * directory; undefined when neither says where they are.
 * @throws SetupError `INVALID_SETTING`
 */
export function serviceDatabases(env: NodeJS.ProcessEnv): ServiceUrls | undefined {
  const { databases } = readStackSettings(env);
  if (databases.kind === 'given') return databases.urls;
  const admin = databases.kind === 'admin' ? databases.url : liveRun(env)?.postgres?.url;
  return admin === undefined ? undefined : provisionedUrls(admin);
}

function liveRun(env: NodeJS.ProcessEnv): Run | undefined {
  const run = readRun(homeDirectory(env));
  return run !== undefined && isAlive(run.owner) ? run : undefined;
}
