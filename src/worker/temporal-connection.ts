import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import type { NativeConnection, NativeConnectionOptions } from '@temporalio/worker';
import { callInterceptors } from './call-interceptors';
import { SetupError } from './setup-error';

/** A Temporal server and namespace, and how to log in there. */
export interface TemporalTarget {
  readonly address: string;
  readonly namespace: string;
  readonly options: NativeConnectionOptions;
}

/** How long a server may take to answer, in milliseconds. */
const connectWithinMs = 10_000;

/**
 * What the settings that the `temporal` CLI reads as well (`TEMPORAL_ADDRESS`, `TEMPORAL_PROFILE`, a configuration
 * file, …) point at; undefined when they name no server.
 * @throws SetupError `INVALID_SETTING`
 */
export function targetFromSettings(env: NodeJS.ProcessEnv): TemporalTarget | undefined {
  try {
    // The SDK looks a profile up in a plain object, and would write into what every object inherits.
    if ((env.TEMPORAL_PROFILE ?? '') in {}) throw new Error(`no profile is called ${env.TEMPORAL_PROFILE}`);
    // The SDK takes an empty namespace or API key for one.
    const set = Object.entries(env).filter((entry): entry is [string, string] => Boolean(entry[1]));
    const { namespace, connectionOptions } = loadClientConnectConfig({
      overrideEnvVars: Object.fromEntries(set),
    });
    const { address } = connectionOptions;
    if (!address) return undefined;
    return { address, namespace: namespace ?? 'default', options: connectionOptions };
  } catch (error) {
    throw new SetupError(
      'INVALID_SETTING',
      `The settings of the Temporal server cannot be read: ${(error as Error).message}`,
      'Check the TEMPORAL_* settings and the configuration file that they name ("temporal config list").',
      { cause: error },
    );
  }
}

/**
 * The server that the settings name: a worker never guesses one.
 * @throws SetupError `TEMPORAL_ADDRESS_MISSING`, `INVALID_SETTING`
 */
export function requiredTarget(env: NodeJS.ProcessEnv): TemporalTarget {
  const target = targetFromSettings(env);
  if (target) return target;
  throw new SetupError(
    'TEMPORAL_ADDRESS_MISSING',
    'No setting says where the Temporal server is.',
    'Set TEMPORAL_ADDRESS, or TEMPORAL_PROFILE and the configuration file that holds it.',
  );
}

/** A server of this machine, without a login. */
export function localTarget(address: string, env: NodeJS.ProcessEnv): TemporalTarget {
  return { address, namespace: env.TEMPORAL_NAMESPACE || 'default', options: { address } };
}

/**
 * A client of the namespace, which is there; the caller closes its connection.
 * @throws SetupError `TEMPORAL_UNREACHABLE` within `withinMs` milliseconds.
 */
export async function connectClient(target: TemporalTarget, withinMs = connectWithinMs): Promise<Client> {
  const { options, namespace } = target;
  const connection = await reach(
    target,
    () => Connection.connect({ ...options, connectTimeout: withinMs, interceptors: [...callInterceptors] }),
    withinMs,
  );
  return new Client({ connection, namespace });
}

/**
 * A connection of either kind to the namespace, which is there; the caller closes it.
 * @throws SetupError `TEMPORAL_UNREACHABLE` within `withinMs` milliseconds.
 */
export async function reach<C extends Connection | NativeConnection>(
  target: TemporalTarget,
  connect: () => Promise<C>,
  withinMs = connectWithinMs,
): Promise<C> {
  const connected = async () => checkNamespace(await connect(), target.namespace);
  return await within(withinMs, connected(), target);
}

async function checkNamespace<C extends Connection | NativeConnection>(
  connection: C,
  namespace: string,
): Promise<C> {
  try {
    await connection.workflowService.describeNamespace({ namespace });
    return connection;
  } catch (error) {
    await connection.close();
    throw error;
  }
}

async function within<T>(ms: number, work: Promise<T>, target: TemporalTarget): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } catch (error) {
    throw unreachable(target, error);
  } finally {
    clearTimeout(timer);
  }
}

function unreachable(target: TemporalTarget, cause: unknown): SetupError {
  return new SetupError(
    'TEMPORAL_UNREACHABLE',
    `No Temporal server could be used at ${target.address} (namespace ${target.namespace}): ${(cause as Error).message}`,
    'Start it, or correct TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE and the login.',
    { cause },
  );
}
