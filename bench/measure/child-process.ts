import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import type { Servers } from '../contenders/contender';
import { forkTypeScript } from './fork-typescript';
import { nextMessage } from './next-message';
import type { Load, Request, Response } from './protocol';
import { stopChild } from './stop-child';

/** The process of one contender, seen from the benchmark. */
export class ContenderProcess {
  private constructor(
    private readonly child: ChildProcess,
    readonly compensates: boolean,
  ) {}

  static async start(name: string, servers: Servers): Promise<ContenderProcess> {
    const child = forkTypeScript(join(__dirname, '../contender-process.ts'), [name, JSON.stringify(servers)]);
    const response = await nextOf(child);
    if (!('ready' in response)) throw new Error(`${name} did not say that it is ready`);
    return new ContenderProcess(child, response.compensates);
  }

  async run(request: Request): Promise<Load> {
    this.child.send(request);
    const response = await nextOf(this.child);
    if ('result' in response) return response.result;
    throw new Error('the contender did not answer the request');
  }

  async stop(): Promise<void> {
    await stopChild(this.child);
  }
}

/** @throws Error what the process says is wrong, or that it has ended. */
async function nextOf(child: ChildProcess): Promise<Response> {
  const response = await nextMessage<Response>(child);
  if ('error' in response) throw new Error(response.error);
  return response;
}
