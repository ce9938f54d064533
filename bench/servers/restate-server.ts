import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { Run } from '../../dev/supervisor';
import { anyPort, withPortsHeld } from '../../dev/ports';
import { untilServes } from '../../dev/wait-until';

/** A running server of Restate: one node with all roles. */
export interface RestateServer {
  readonly admin: string;
  readonly ingress: string;
  readonly pid: number;
}

/**
 * Starts Restate's server on an empty directory, with its defaults: a write is acknowledged after it is synced to disk.
 * @throws when the packages of the benchmark are not installed
 */
export async function startRestate(directory: string, { supervisor }: Run): Promise<RestateServer> {
  const command = executable();
  return await withPortsHeld(async () => {
    const [node, admin, ingress] = [await anyPort(), await anyPort(), await anyPort()];
    const child = supervisor.start({
      name: 'Restate',
      command,
      args: ['--no-logo', '--base-dir', join(directory, 'restate'), '--listen-mode', 'tcp'],
      env: {
        PATH: process.env.PATH,
        RESTATE_BIND_ADDRESS: `127.0.0.1:${node}`,
        RESTATE_ADVERTISED_ADDRESS: `http://127.0.0.1:${node}`,
        RESTATE_ADMIN__BIND_ADDRESS: `127.0.0.1:${admin}`,
        RESTATE_INGRESS__BIND_ADDRESS: `127.0.0.1:${ingress}`,
        RESTATE_DISABLE_TELEMETRY: 'true',
        RESTATE_LOG_FILTER: 'warn',
      },
      logFile: join(directory, 'restate.log'),
      stopSignal: 'SIGTERM',
      stopWithinMs: 10_000,
    });
    const urls = { admin: `http://127.0.0.1:${admin}`, ingress: `http://127.0.0.1:${ingress}` };
    await untilServes(child, () => serves(urls), supervisor.signal);
    return { ...urls, pid: child.pid };
  });
}

function executable(): string {
  const name = `@restatedev/restate-server-${process.platform}-${process.arch}`;
  try {
    return createRequire(__filename).resolve(`${name}/bin/restate-server`);
  } catch (cause) {
    throw new Error(`Restate's server (${name}) is not installed. Run: npm ci --prefix bench`, { cause });
  }
}

async function serves({ admin, ingress }: Omit<RestateServer, 'pid'>): Promise<void> {
  for (const url of [`${admin}/health`, `${ingress}/restate/health`]) {
    const { ok, status } = await fetch(url);
    if (!ok) throw new Error(`${url} answers ${status}`);
  }
}
