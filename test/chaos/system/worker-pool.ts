import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Child, ChildSpec } from '../../../dev/child';
import type { Supervisor } from '../../../dev/supervisor';

/** One place for a worker process; whenever its process ends, another one takes it. */
interface Slot {
  readonly spec: ChildSpec;
  child: Child;
  frozen: boolean;
}

/** Worker processes that are killed and frozen, and replaced. */
export class WorkerPool {
  private readonly slots: Slot[] = [];
  private closing = false;

  constructor(private readonly supervisor: Supervisor) {
    supervisor.onStop('the workers', () => this.end());
  }

  /** Starts a process for each, and waits until all of them poll. @throws SetupError `PROCESS_FAILED` */
  async start(specs: readonly ChildSpec[]): Promise<void> {
    await Promise.all(
      specs.map(async (spec) => {
        const slot = { spec, child: this.begin(spec), frozen: false };
        this.slots.push(slot);
        const ended = slot.child.exited.then((how) => {
          throw slot.child.failure(`ended with ${how}`);
        });
        await Promise.race([slot.child.firstMessage(), ended]);
        void this.keep(slot);
      }),
    );
  }

  /** Kills one of the processes that are not frozen. @returns whether it died of that. */
  async kill(choice: number): Promise<boolean> {
    const slot = this.pick(choice);
    if (!slot) return false;
    const { child } = slot;
    child.kill();
    return (await child.exited) === 'SIGKILL';
  }

  /** Stops one of the processes for a while. @returns whether it was there all the time and went on. */
  async freeze(choice: number, forMs: number): Promise<boolean> {
    const slot = this.pick(choice);
    if (!slot) return false;
    const { child } = slot;
    slot.frozen = true;
    // A process of its own thaws the worker, so that none stays frozen should this one be killed meanwhile.
    const script = 'kill -STOP "$0" && sleep "$1"; kill -CONT "$0"';
    const icebox = spawn('/bin/sh', ['-c', script, String(child.pid), String(forMs / 1000)], {
      stdio: 'ignore',
      detached: true,
    });
    const [code] = (await once(icebox, 'exit')) as [number | null];
    slot.frozen = false;
    return code === 0 && slot.child === child && !child.hasEnded;
  }

  /** Ends every process by force: nothing of them acts after this. */
  async end(): Promise<void> {
    this.closing = true;
    await Promise.all(
      this.slots.map(({ child }) => {
        child.kill();
        return child.exited;
      }),
    );
  }

  private pick(choice: number): Slot | undefined {
    const awake = this.slots.filter(({ frozen, child }) => !frozen && !child.hasEnded);
    return awake[choice % awake.length];
  }

  private begin(spec: ChildSpec): Child {
    return this.supervisor.start(spec, false);
  }

  private async keep(slot: Slot): Promise<void> {
    for (;;) {
      await slot.child.exited;
      if (this.closing || this.supervisor.signal.aborted) return;
      slot.child = this.begin(slot.spec);
      // One that cannot start, because a server is down, is not started over and over without a breath.
      await Promise.race([slot.child.exited.then(() => sleep(500)), slot.child.firstMessage()]);
    }
  }
}
