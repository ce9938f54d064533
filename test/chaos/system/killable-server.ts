import { setTimeout as sleep } from 'node:timers/promises';
import type { Child, ChildSpec } from '../../../dev/child';
import { SetupError } from '../../../src/worker/setup-error';
import type { Supervisor } from '../../../dev/supervisor';

/** A server that is killed and started again, on the same data and port. */
export class KillableServer<Place> {
  private child: Child | undefined;

  /** @param serve starts the server's processes through `start`, and resolves when it serves. */
  private constructor(
    private readonly serve: (start: (spec: ChildSpec) => Child) => Promise<Place>,
    private readonly supervisor: Supervisor,
  ) {}

  static async start<Place>(
    name: string,
    supervisor: Supervisor,
    serve: (start: (spec: ChildSpec) => Child) => Promise<Place>,
  ): Promise<{ readonly server: KillableServer<Place>; readonly place: Place }> {
    const server = new KillableServer(serve, supervisor);
    supervisor.onStop(name, () => server.child?.stop());
    return { server, place: await server.restart() };
  }

  /** SIGKILL, a pause, and a new start. Resolves when it serves again. */
  async killAndRestart(downMs: number): Promise<void> {
    await this.kill();
    await sleep(downMs);
    await this.restart();
  }

  /** SIGKILL. Resolves when it is gone. */
  async kill(): Promise<void> {
    this.child?.kill();
    await this.child?.exited;
  }

  /**
   * Starts it, on the data it had. Resolves when it serves. A killed server's own children may hold its data for a moment
   * longer: then the new one ends at once.
   */
  async restart(): Promise<Place> {
    for (let attempt = 1; ; attempt += 1) {
      this.supervisor.signal.throwIfAborted();
      try {
        return await this.serve((spec) => (this.child = this.supervisor.start(spec, false)));
      } catch (error) {
        if (!(error instanceof SetupError) || error.code !== 'PROCESS_FAILED' || attempt === 20) throw error;
        await sleep(250);
      }
    }
  }
}
