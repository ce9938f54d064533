import { detectPort } from 'detect-port';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { SetupError } from '../src/worker';
import { withLock } from './lock';

const hostname = '127.0.0.1';

/** Whether a port of 127.0.0.1 can be listened on. */
export async function isFree(port: number): Promise<boolean> {
  return (await detectPort({ port, hostname })) === port;
}

/** Any free port of 127.0.0.1. */
export const anyPort = (): Promise<number> => detectPort({ port: 0, hostname });

/**
 * The preferred port or another free one; with a setting, that port or none.
 * @throws SetupError `PORT_TAKEN` when the port of the setting is in use.
 */
export async function choosePort(setting: string, preferred: number, fixed?: number): Promise<number> {
  const port = await detectPort({ port: fixed ?? preferred, hostname });
  if (fixed === undefined || port === fixed) return port;
  throw new SetupError(
    'PORT_TAKEN',
    `${setting} asks for port ${fixed} of 127.0.0.1, which another process uses.`,
    `Stop that process, set ${setting} to a free port, or leave it unset to have one found.`,
  );
}

/**
 * Runs what chooses a port and has a server listen on it, one at a time on this machine: between the two another run would
 * choose the same port.
 */
export function withPortsHeld<T>(start: () => Promise<T>): Promise<T> {
  return withLock(join(tmpdir(), `unwind-ports-${userInfo().uid}`), 1_200, start);
}
