import { homeDirectory } from './home';
import { isAlive } from './process-identity';
import type { Run } from './run-file';
import { readRun } from './run-file';
import type { TemporalTarget } from './temporal-connection';
import { localTarget, targetFromSettings } from './temporal-connection';

/**
 * The Temporal server to use: that of the settings, else that of the installation that runs in the home directory,
 * else the address at which a development server listens.
 * @throws SetupError `INVALID_SETTING`
 */
export function temporalTarget(env: NodeJS.ProcessEnv): TemporalTarget {
  return targetFromSettings(env) ?? localTarget(liveRun(env)?.temporal?.address ?? '127.0.0.1:7233', env);
}

function liveRun(env: NodeJS.ProcessEnv): Run | undefined {
  const run = readRun(homeDirectory(env));
  return run !== undefined && isAlive(run.owner) ? run : undefined;
}
