import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ConsoleOptions, type RunningConsole, startConsole } from '../../src/console';
import { Harness } from '../saga/harness';
import type { Program } from '../saga/program';
import { programSaga } from '../saga/program-workflow';
import { localServer } from '../support/temporal';
import { until } from '../support/until';

/** A console on a Temporal server of its own, with programs as sagas. */
export class ConsoleHarness {
  private readonly consoles: RunningConsole[] = [];

  private constructor(
    readonly harness: Harness,
    readonly directory: string,
  ) {}

  static async start(): Promise<ConsoleHarness> {
    const directory = mkdtempSync(join(tmpdir(), 'unwind-console-'));
    return new ConsoleHarness(await Harness.start(await localServer()), directory);
  }

  async stop(): Promise<void> {
    for (const running of this.consoles) await running.close();
    await this.harness.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** @param options what differs from a console of this machine at a free port. */
  async serve(options: Partial<ConsoleOptions> = {}): Promise<RunningConsole> {
    const running = await startConsole({
      client: this.harness.client,
      port: 0,
      logDirectory: join(this.directory, 'batches'),
      ...options,
    });
    this.consoles.push(running);
    return running;
  }

  async startSaga(sagaId: string, program: Program): Promise<void> {
    await this.harness.client.start({ ...programSaga, idOf: () => sagaId }, program);
  }

  async untilStuck(sagaId: string): Promise<void> {
    await until(
      `${sagaId} to be stuck`,
      async () => (await this.harness.client.outcome(sagaId)).kind === 'stuck',
    );
  }
}

/** What a page of the console's address asks, and is answered. */
export async function ask(
  { url }: RunningConsole,
  path: string,
  { body, headers = {}, method }: { body?: unknown; headers?: Record<string, string>; method?: string } = {},
): Promise<{ status: number; body: unknown; headers: Headers }> {
  const response = await fetch(new URL(path, url), {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    ...(body !== undefined && { body: JSON.stringify(body) }),
    headers: { 'x-unwind-console': '1', ...headers },
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.match(/^application\/json\b/);
  return { status: response.status, body: isJson ? JSON.parse(text) : text, headers: response.headers };
}
