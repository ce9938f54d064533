import { isIP } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { serve } from '@hono/node-server';
import type { SagaClient } from '../client';
import { consoleApp } from './app';
import { Batches } from './batches';
import { ConsoleError } from './console-error';
import { servePage } from './page';
import type { Redact } from './saga-details';

/** What a console is started with. */
export interface ConsoleOptions {
  /** For all that it shows and does. With records, rescues know what express sagas did. The caller closes its connection. */
  readonly client: SagaClient;
  /** The address to listen at. Any but one of this machine alone needs a token. @default '127.0.0.1' */
  readonly host?: string;
  /** 0: any that is free. @default 7244 */
  readonly port?: number;
  /** What people log in with, at least 16 characters. @default none: everyone who can reach it may use it */
  readonly token?: string;
  /** Further names by which browsers reach it, for example behind a proxy. With a token every name will do. */
  readonly hosts?: readonly string[];
  /** Where the logs of batches are kept. @default `unwind-batches` in the working directory */
  readonly logDirectory?: string;
  /** Workflow types that are offered although no saga of theirs ran lately. */
  readonly workflows?: readonly string[];
  /** Replaces what people must not see in inputs and outputs, decoded as the client decodes them. @default shows all */
  readonly redact?: Redact;
}

/** A console that runs. */
export interface RunningConsole {
  /** Where it is, such as `http://127.0.0.1:7244/`. */
  readonly url: string;
  /** Ends it: batches end the sagas that they are at, and can be resumed by the next console. */
  close(): Promise<void>;
}

const PORT = 7244;
const LEAST_TOKEN = 16;
const LOOPBACK = new Set(['127.0.0.1', 'localhost', '::1']);

/**
 * Serves the console: a page in the browser to find, understand and help sagas of every definition.
 * @throws ConsoleError `TOKEN_NEEDED`, `PAGE_NOT_BUILT`; an error of the system, such as EADDRINUSE.
 */
export async function startConsole(options: ConsoleOptions): Promise<RunningConsole> {
  const { client, host = '127.0.0.1', port = PORT, token, hosts = [], workflows = [] } = options;
  const { logDirectory = join(process.cwd(), 'unwind-batches'), redact } = options;
  const isLocal = LOOPBACK.has(host);
  if (token === undefined ? !isLocal : token.length < LEAST_TOKEN)
    throw new ConsoleError(
      'TOKEN_NEEDED',
      `at ${host} the console needs a token of at least ${LEAST_TOKEN} characters`,
    );
  const batches = new Batches(client, logDirectory);
  const ending = new AbortController();
  const names = new Set([...LOOPBACK, '[::1]', ...hosts, ...(isIP(host) ? [] : [host])]);
  const app = consoleApp({
    ...{ client, batches, workflows, redact, signal: ending.signal },
    access: { hosts: token === undefined ? names : new Set(), token },
  });
  servePage(app);
  const server = serve({ fetch: app.fetch, hostname: host, port });
  const { port: used } = await new Promise<AddressInfo>((resolve, reject) => {
    server.once('error', reject);
    server.once('listening', () => resolve(server.address() as AddressInfo));
  });
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${used}/`,
    close: async () => {
      ending.abort();
      await batches.close();
      await new Promise((resolve) => {
        server.close(resolve);
        if ('closeAllConnections' in server) server.closeAllConnections();
      });
    },
  };
}
