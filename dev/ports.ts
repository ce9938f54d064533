import { createServer } from 'node:net';
import { SetupError } from '../src/worker';

/** A port to listen on, with the port that is liked best when the setting is absent. */
export interface PortWish {
  readonly setting: string;
  readonly preferred: number;
}

/**
 * A free port of 127.0.0.1.
 * @param fixed what the setting says: this port or none. Without it, the preferred port or any free one.
 * @throws SetupError `PORT_TAKEN` when the fixed port is in use.
 */
export async function choosePort(wish: PortWish, fixed: number | undefined): Promise<number> {
  if (fixed === undefined) return (await tryPort(wish.preferred)) ?? (await anyPort());
  const port = await tryPort(fixed);
  if (port !== undefined) return port;
  throw new SetupError(
    'PORT_TAKEN',
    `${wish.setting} asks for port ${fixed} of 127.0.0.1, which another process uses.`,
    `Stop that process, set ${wish.setting} to a free port, or leave it unset to have one found.`,
  );
}

async function anyPort(): Promise<number> {
  const port = await tryPort(0);
  if (port === undefined) throw new Error('The system has no free port on 127.0.0.1');
  return port;
}

/** The port when it can be listened on (a free one for 0), undefined when it is in use. */
function tryPort(port: number): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' || error.code === 'EACCES') resolve(undefined);
      else reject(error);
    });
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? address?.port : undefined));
    });
  });
}
