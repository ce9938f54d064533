import { TypedSearchAttributes } from '@temporalio/common';
import { join } from 'node:path';
import type { Child, ChildSpec } from './child';
import { searchAttributes } from './register-search-attributes';
import { connectClient, localTarget } from '../src/worker';
import { untilServes } from './wait-until';

/**
 * What a development server needs besides its ports. Without the first, timers (and so every retry) come up to a
 * second late; the value is JSON, so the quotes are part of it. Without the poll rates, the server's only history shard
 * passes on 20 tasks a second, and every task waits about 45 ms.
 */
export const serverFlags: readonly string[] = [
  ...[
    'history.timerProcessorMaxTimeShift="10ms"',
    'history.transferProcessorMaxPollRPS=1000',
    'history.timerProcessorMaxPollRPS=1000',
    'history.visibilityProcessorMaxPollRPS=1000',
    'system.enableActivityEagerExecution=true',
  ].flatMap((setting) => ['--dynamic-config-value', setting]),
  ...searchAttributes.flatMap((key) => [
    '--search-attribute',
    `${key.name}=${TypedSearchAttributes.toMetadataType(key.type)}`,
  ]),
];

/** @property executable the Temporal CLI. */
interface TemporalServerOptions {
  readonly executable: string;
  readonly home: string;
  readonly port: number;
  readonly uiPort: number;
  readonly logFile: string;
  readonly env: NodeJS.ProcessEnv;
  readonly start: (spec: ChildSpec) => Child;
  readonly signal: AbortSignal;
}

/** Where Temporal serves. */
export interface TemporalPlace {
  readonly address: string;
  readonly uiUrl: string;
}

/**
 * Starts a Temporal development server on 127.0.0.1 with its state in a file of the home directory, and waits until
 * it serves the namespace.
 * @throws SetupError `PROCESS_FAILED`, `NOT_READY_IN_TIME`
 */
export async function startTemporal(options: TemporalServerOptions): Promise<TemporalPlace> {
  const { executable, home, port, uiPort, logFile, env, start, signal } = options;
  const target = localTarget(`127.0.0.1:${port}`, env);
  const child = start({
    name: 'Temporal',
    command: executable,
    args: [
      ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port), '--ui-port', String(uiPort)],
      ...['--db-filename', join(home, 'temporal.db'), '--namespace', target.namespace],
      ...['--log-level', 'warn', ...serverFlags],
    ],
    // Settings for clients (TEMPORAL_*) are no business of the server.
    env: { PATH: env.PATH, HOME: env.HOME },
    logFile,
    stopSignal: 'SIGTERM',
    stopWithinMs: 15_000,
  });
  await untilServes(child, async () => (await connectClient(target, 1_000)).connection.close(), signal);
  return { address: target.address, uiUrl: `http://127.0.0.1:${uiPort}` };
}
