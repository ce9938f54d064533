import { setMaxListeners } from 'node:events';
import { Child, type ChildSpec } from './child';
import { describeError } from '../src/worker';

/** Says in a line what goes on. */
export type Progress = (line: string) => void;

/** What every part of a run is given. */
export interface Run {
  readonly env: NodeJS.ProcessEnv;
  readonly supervisor: Supervisor;
  readonly progress: Progress;
}

const exitCodes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** Owns what a run has started, and ends it in reverse order, once, whatever the reason. */
export class Supervisor {
  readonly #cleanups: { readonly name: string; readonly run: () => unknown }[] = [];
  readonly #abort = new AbortController();
  #stopping: Promise<void> | undefined;

  constructor() {
    // Every order that is waited for listens; that is no leak.
    setMaxListeners(0, this.#abort.signal);
  }

  /** Aborts when stopping begins: what is still starting should give up. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Registers what is to be done at the end; the last registered is done first. */
  onStop(name: string, run: () => unknown): void {
    this.#cleanups.push({ name, run });
  }

  /**
   * Starts a child that {@link stop} stops.
   * @param inOrder false when a cleanup of the caller's stops it.
   * @throws AbortError when stopping has begun.
   */
  start(spec: ChildSpec, inOrder = true): Child {
    this.signal.throwIfAborted();
    const child = new Child(spec);
    if (inOrder) this.onStop(spec.name, () => child.stop());
    return child;
  }

  /** Ends everything. Idempotent: later calls await the first. Never rejects; what fails to end is reported. */
  stop(): Promise<void> {
    return (this.#stopping ??= this.#stopAll());
  }

  async #stopAll(): Promise<void> {
    this.#abort.abort();
    // A cleanup may be registered while others run: by a start that was already under way.
    for (let next = this.#cleanups.pop(); next !== undefined; next = this.#cleanups.pop()) {
      try {
        await next.run();
      } catch (error) {
        process.stderr.write(`While stopping ${next.name}: ${describeError(error)}\n`);
      }
    }
  }
}

/**
 * Runs a command to its end and exits the process: with the code that `main` gives, 1 for an error (printed), or that
 * of the signal. Everything the supervisor owns is ended first. A second Ctrl-C exits at once: each child is then ended
 * as if this process had been killed.
 */
export async function runSupervised(main: (supervisor: Supervisor) => Promise<number>): Promise<never> {
  const supervisor = new Supervisor();
  const code = await new Promise<number>((resolve) => {
    const onError = (error: unknown) => {
      // What fails because the end has begun is not news.
      if (!supervisor.signal.aborted) process.stderr.write(`${describeError(error)}\n`);
      resolve(1);
    };
    let first: number | undefined;
    const onSignal = (signal: keyof typeof exitCodes) => {
      // One Ctrl-C under npm arrives twice: from the terminal, and passed on by npm.
      if (first !== undefined && Date.now() - first >= 500) process.exit(exitCodes[signal]);
      if (first !== undefined) return;
      first = Date.now();
      process.stderr.write(`\n${signal}: stopping in order (again to exit at once) …\n`);
      resolve(exitCodes[signal]);
      void supervisor.stop();
    };
    process.on('SIGINT', onSignal).on('SIGTERM', onSignal).on('SIGHUP', onSignal);
    process.on('uncaughtException', onError).on('unhandledRejection', onError);
    main(supervisor).then(resolve, onError);
  });
  await supervisor.stop();
  process.exit(code);
}
