import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { SetupError } from '../src/worker';

/**
 * @property logFile takes both outputs, after what it holds already.
 * @property ipc opens a message channel: for a child that ends by itself when the channel closes, as our workers do.
 *   Any other child gets a watcher that ends it should this process be killed.
 * @property stopSignal asks it to end; after `stopWithinMs` milliseconds it is killed.
 */
export interface ChildSpec {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly cwd?: string;
  readonly uid?: number | undefined;
  readonly gid?: number | undefined;
  readonly logFile: string;
  readonly ipc?: boolean;
  readonly stopSignal: NodeJS.Signals;
  readonly stopWithinMs: number;
}

/** A child process in a session of its own: a Ctrl-C in the terminal reaches this process only, which stops it in order. */
export class Child {
  /** Resolves with how it ended, such as `exit code 1`; never rejects. */
  readonly exited: Promise<string>;
  #ended: string | undefined;
  readonly #process: ChildProcess;

  constructor(readonly spec: ChildSpec) {
    const { command, args, env, cwd, uid, gid, ipc = false } = spec;
    const log = openSync(spec.logFile, 'a', 0o600);
    // Inherited by the child: what it writes (histories, for one) is for this user only.
    const umask = process.umask(0o077);
    const stdio = ['ignore' as const, log, log, ...(ipc ? (['ipc'] as const) : [])];
    this.#process = spawn(command, args, { env, cwd, uid, gid, detached: true, stdio });
    process.umask(umask);
    closeSync(log);
    const watcher = ipc ? undefined : watch(this.#process.pid);
    this.exited = once(this.#process, 'exit')
      .then(([code, signal]) => String(signal ?? `exit code ${code}`))
      .catch((error: Error) => error.message)
      .then((how) => {
        watcher?.kill('SIGKILL');
        return (this.#ended = how);
      });
  }

  /** @throws SetupError `PROCESS_FAILED` when it could not be started. */
  get pid(): number {
    if (this.#process.pid === undefined) throw this.failure('could not be started');
    return this.#process.pid;
  }

  get hasEnded(): boolean {
    return this.#ended !== undefined;
  }

  /** The first message it sends over its channel. */
  firstMessage(): Promise<unknown> {
    return once(this.#process, 'message');
  }

  /** @throws SetupError `PROCESS_FAILED` once it has ended. */
  assertRuns(): void {
    if (this.#ended !== undefined) throw this.failure(`ended with ${this.#ended}`);
  }

  /** A `PROCESS_FAILED` that shows the end of its log. */
  failure(what: string): SetupError {
    const tail = readFileSync(this.spec.logFile, 'utf8').trimEnd().split('\n').slice(-8).join('\n  ');
    return new SetupError(
      'PROCESS_FAILED',
      `${this.spec.name} ${what}. Its last words:\n  ${tail || '(none)'}`,
      `The whole log is ${this.spec.logFile}`,
    );
  }

  /** Asks it to end, kills it after its bound, resolves when it is gone. Does nothing to one that has ended. */
  async stop(): Promise<void> {
    this.#process.kill(this.spec.stopSignal);
    const overdue = setTimeout(() => this.kill(), this.spec.stopWithinMs);
    await this.exited;
    clearTimeout(overdue);
  }

  kill(): void {
    this.#process.kill('SIGKILL');
  }
}

/**
 * A shell that reads from this process: when this one is gone, however it went, the read ends and so does the child, at
 * once (SIGQUIT): the next run is not to meet it. Both servers recover from that as from a power cut.
 */
function watch(pid: number | undefined): ChildProcess | undefined {
  if (pid === undefined) return undefined;
  const shell = spawn('/bin/sh', ['-c', 'read -r _; kill -QUIT "$0" 2>/dev/null', String(pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  shell.unref();
  (shell.stdin as Socket).unref();
  return shell;
}
