import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from 'node:http';

/** A request that arrived. */
export interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly body: unknown;
  /** When, in milliseconds. */
  readonly at: number;
}

/** An answer: a status with headers, or silence. */
export type Answer = { readonly status: number; readonly headers?: Record<string, string> } | 'never';

/** A receiver of webhooks on loopback, which answers as a test wants: first the given answers in turn, then 200. */
export class Receiver {
  readonly received: Received[] = [];
  private readonly answers: Answer[] = [];

  private constructor(
    private readonly server: Server,
    readonly url: string,
  ) {}

  static async start(...answers: Answer[]): Promise<Receiver> {
    const server = createServer((request, response) => {
      let text = '';
      request
        .setEncoding('utf8')
        .on('data', (chunk: string) => (text += chunk))
        .on('end', () => receiver.take(request.headers, text, response));
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : '';
    const receiver = new Receiver(server, `http://127.0.0.1:${port}/secret-path`);
    receiver.answers.push(...answers);
    return receiver;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  /** All that comes from now on is left without an answer, or no longer. */
  isSilent = false;

  private take(headers: IncomingHttpHeaders, text: string, response: ServerResponse): void {
    this.received.push({ headers, text, body: JSON.parse(text) as unknown, at: Date.now() });
    const answer = this.answers.shift() ?? { status: 200 };
    if (this.isSilent || answer === 'never') return;
    response.writeHead(answer.status, answer.headers).end('{}');
  }
}
