import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join, relative } from 'node:path';
import { createInterface } from 'node:readline';
import { withLock } from './lock';
import type { Run } from './supervisor';

/**
 * A server for every run in a home that needs it. The first run starts it and listens on a socket in the home. The
 * others connect there, are told where the server is, and use it while they are connected; the owner stops it only after
 * that. The system closes the connections of a run that was killed, so nobody has to find out which processes live.
 * @returns what `start` returns, here or in the run that owns the server.
 */
export async function share<T>(home: string, name: string, run: Run, start: () => Promise<T>): Promise<T> {
  const { supervisor, progress } = run;
  for (;;) {
    supervisor.signal.throwIfAborted();
    const host = new Host();
    const owner = await connectOrListen(socketOf(home, name), host.server);
    if (owner === undefined) {
      supervisor.onStop(`the socket of ${name}`, () => host.server.close());
      const place = await start();
      host.tell(JSON.stringify({ pid: process.pid, place }));
      supervisor.onStop(`the use of ${name}`, () =>
        host.retire(() => progress(`Waiting for the other runs that use ${name} to end`)),
      );
      return place;
    }
    const line = await firstLine(owner);
    // It ended before the server served.
    if (line === undefined) continue;
    const { pid, place } = JSON.parse(line) as { pid: number; place: T };
    supervisor.onStop(`the use of ${name}`, () => owner.destroy());
    progress(`Using ${name} of process ${pid}`);
    return place;
  }
}

/** Where a server of a home serves, if one does; waits for one that is being started. */
export async function placeOf<T>(home: string, name: string): Promise<T | undefined> {
  const owner = await connected(socketOf(home, name));
  const line = owner && (await firstLine(owner));
  owner?.destroy();
  return line === undefined ? undefined : (JSON.parse(line) as { place: T }).place;
}

function socketOf(home: string, name: string): string {
  const path = join(home, `${name}.socket`);
  // The system takes some 100 characters.
  const fromHere = relative(process.cwd(), path);
  return fromHere.length < path.length ? fromHere : path;
}

/** The connections to a server's owner. */
class Host {
  readonly #open = new Set<Socket>();
  #line: string | undefined;
  readonly server = createServer((socket) => {
    this.#open.add(socket);
    // Reading tells when the other side is gone.
    socket
      .on('error', ignore)
      .on('close', () => this.#open.delete(socket))
      .resume();
    if (this.#line !== undefined) socket.write(this.#line);
  });

  /** Tells everybody who is connected or will be. */
  tell(line: string): void {
    this.#line = `${line}\n`;
    for (const socket of this.#open) socket.write(this.#line);
  }

  /** Tells nobody from now on, and waits until those who were told have left. */
  async retire(onWait: () => void): Promise<void> {
    this.#line = undefined;
    if (this.#open.size > 0) onWait();
    await Promise.all(
      [...this.#open].map((socket) => new Promise((resolve) => socket.once('close', resolve))),
    );
  }
}

/** A connection to who listens on a path; undefined when nobody did, and `server` does now. */
function connectOrListen(path: string, server: Server): Promise<Socket | undefined> {
  // The socket of a killed owner is replaced by one process at a time.
  return withLock(path, 300, async () => {
    const owner = await connected(path);
    if (owner !== undefined) return owner;
    rmSync(path, { force: true });
    await once(server.listen(path), 'listening');
    return undefined;
  });
}

async function connected(path: string): Promise<Socket | undefined> {
  const socket = connect(path);
  try {
    await once(socket, 'connect');
    return socket.on('error', ignore);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ECONNREFUSED') return undefined;
    throw error;
  }
}

/** Undefined when the connection is closed first. */
function firstLine(socket: Socket): Promise<string | undefined> {
  return new Promise((resolve) => {
    createInterface(socket).once('line', resolve);
    socket.once('close', () => resolve(undefined));
  });
}

const ignore = () => undefined;
