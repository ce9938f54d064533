import { TypedSearchAttributes } from '@temporalio/common';
import { join } from 'node:path';
import type { Child, ChildSpec } from './child';
import { searchAttributes } from './register-search-attributes';
import { connectClient, localTarget, type TemporalTarget } from '../src/worker';
import { waitUntil } from './wait-until';

/**
 * What a development server needs besides its ports. Without the first, timers (and so every retry) come up to a
 * second late. The value is JSON: the quotes are part of it.
 */
export const serverFlags: readonly string[] = [
  ...['--dynamic-config-value', 'history.timerProcessorMaxTimeShift="10ms"'],
  ...['--dynamic-config-value', 'system.enableActivityEagerExecution=true'],
  ...searchAttributes.flatMap((key) => [
    '--search-attribute',
    `${key.name}=${TypedSearchAttributes.toMetadataType(key.type)}`,
  ]),
];

/** @property executable the Temporal CLI. */
export interface TemporalServerOptions {
  readonly executable: string;
  readonly home: string;
  readonly port: number;
  readonly uiPort: number;
  readonly logFile: string;
  readonly env: NodeJS.ProcessEnv;
  readonly start: (spec: ChildSpec) => Child;
  readonly signal: AbortSignal;
}

/**
 * Starts a Temporal development server on 127.0.0.1 with its state in a file of the home directory, and waits until
 * it serves the namespace.
 * @returns its address and that of its Web UI.
 * @throws SetupError `PROCESS_FAILED`, `NOT_READY_IN_TIME`
 */
export async function startTemporal(
  options: TemporalServerOptions,
): Promise<{ address: string; uiUrl: string }> {
  const target = localTarget(`127.0.0.1:${options.port}`, options.env);
  const child = options.start({
    name: 'Temporal',
    command: options.executable,
    args: [
      ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(options.port)],
      ...['--ui-port', String(options.uiPort), '--db-filename', join(options.home, 'temporal.db')],
      ...['--namespace', target.namespace, '--log-level', 'warn', ...serverFlags],
    ],
    // Settings for clients (TEMPORAL_*) are no business of the server.
    env: { PATH: options.env.PATH, HOME: options.env.HOME },
    logFile: options.logFile,
    stopSignal: 'SIGTERM',
    stopWithinMs: 15_000,
  });
  await waitUntil(
    'the Temporal server to serve its namespace',
    60_000,
    async () => {
      child.assertRuns();
      return (await serves(target)) || undefined;
    },
    { signal: options.signal },
  );
  return { address: target.address, uiUrl: `http://127.0.0.1:${options.uiPort}` };
}

async function serves(target: TemporalTarget): Promise<boolean> {
  try {
    const client = await connectClient(target, 1_000);
    await client.connection.close();
    return true;
  } catch {
    // Why it does not serve yet is in the server's log; that it never does is bounded by the caller.
    return false;
  }
}
