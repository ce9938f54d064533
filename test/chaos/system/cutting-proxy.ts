import type { AddressInfo, Socket } from 'node:net';
import { connect, createServer } from 'node:net';
import { Transform } from 'node:stream';
import type { TransformCallback } from 'node:stream';

/** A TCP proxy on 127.0.0.1 that can cut every connection through it, and slow them down. */
export class CuttingProxy {
  private readonly sockets = new Set<Socket>();
  private delayMs = 0;
  private delayed = 0;
  private readonly server = createServer((client) => this.join(client));

  constructor(private targetPort: number) {}

  /** @returns the port it listens on. */
  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return (this.server.address() as AddressInfo).port;
  }

  /** Cuts every connection. @returns how many there were. */
  cut(): number {
    const count = this.sockets.size;
    for (const socket of this.sockets) socket.destroy();
    return count;
  }

  /** Everything that passes takes so many milliseconds longer from now on; 0 ends that. @returns what was slowed so far. */
  slow(delayMs: number): number {
    this.delayMs = delayMs;
    return this.delayed;
  }

  /** Leads new connections to another port of 127.0.0.1; those that are there stay. */
  retarget(port: number): void {
    this.targetPort = port;
  }

  /** From now on nothing passes through the connections that are there, and neither side notices. */
  hang(): void {
    for (const socket of this.sockets) socket.unpipe().pause();
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private join(client: Socket): void {
    const target = connect(this.targetPort, '127.0.0.1');
    const end = () => {
      client.destroy();
      target.destroy();
    };
    for (const socket of [client, target]) {
      this.sockets.add(socket);
      socket.setNoDelay(true);
      // A target that is down, or either side cut: the other side is to notice.
      socket.on('error', end).on('close', () => {
        this.sockets.delete(socket);
        end();
      });
    }
    client.pipe(this.delay()).pipe(target);
    target.pipe(this.delay()).pipe(client);
  }

  private delay(): Transform {
    return new Transform({
      transform: (chunk: Buffer, _encoding, done: TransformCallback) => {
        if (this.delayMs === 0) return done(null, chunk);
        this.delayed += 1;
        setTimeout(() => done(null, chunk), this.delayMs);
      },
    });
  }
}
