import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** A way to a server that can be cut, and opened again. */
export class Proxy {
  private readonly sockets = new Set<Socket>();
  private isOpen = true;

  private constructor(
    private readonly server: Server,
    readonly address: string,
  ) {}

  static async to(target: string): Promise<Proxy> {
    const [host = '', port = ''] = target.split(':');
    const server = createServer((socket) => proxy.pass(socket, connect(Number(port), host)));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const address = server.address();
    const proxy = new Proxy(server, `127.0.0.1:${typeof address === 'object' ? address?.port : ''}`);
    return proxy;
  }

  cut(): void {
    this.isOpen = false;
    for (const socket of this.sockets) socket.destroy();
  }

  open(): void {
    this.isOpen = true;
  }

  async close(): Promise<void> {
    this.cut();
    this.server.close();
    await once(this.server, 'close');
  }

  private pass(inside: Socket, outside: Socket): void {
    for (const [socket, other] of [
      [inside, outside],
      [outside, inside],
    ] as const) {
      this.sockets.add(socket);
      socket
        .on('error', () => undefined)
        .on('close', () => {
          this.sockets.delete(socket);
          other.destroy();
        });
    }
    if (!this.isOpen) inside.destroy();
    inside.pipe(outside).pipe(inside);
  }
}
