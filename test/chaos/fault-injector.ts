import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultName } from './options';
import { type OutsideFault, pauses, type PlannedFault, planOutsideFaults } from './plan/outside-faults';
import { resetOneOf } from './resets';
import type { ChaosSystem } from './system/system';

/** Longer than a step's attempt (10 s): what a frozen worker held has been given to another one when it thaws. */
const FROZEN_MS = 12_000;

/** Longer than the attempts of a forward step (six in 15.5 s): it is given up as unknown. */
const DOWN_FOR_LONG_MS = 18_000;

/** Injects faults from outside, each in its own rhythm, until told to stop. */
export class FaultInjector {
  readonly fired: Record<OutsideFault, number> = {
    'kill-worker': 0,
    'freeze-worker': 0,
    'kill-postgres': 0,
    'kill-temporal': 0,
    'cut-connection': 0,
    reset: 0,
  };
  readonly wanted: readonly OutsideFault[];
  private readonly stop = new AbortController();
  private readonly rounds: Promise<void>[];

  /**
   * @param started the sagas that can be reset.
   * @param report is told of each fault.
   */
  constructor(
    private readonly system: ChaosSystem,
    private readonly started: ReadonlySet<string>,
    faults: readonly FaultName[],
    seed: number,
    private readonly report: (line: string) => void,
  ) {
    this.wanted = faults.filter(isOutside);
    this.rounds = this.wanted.map((fault) =>
      this.injectRepeatedly(fault, planOutsideFaults(fault, seed, 1_000)),
    );
    // Heard of in `settled`; until then it must not end this process.
    for (const round of this.rounds) round.catch(() => undefined);
  }

  /** How often a fault has struck; undefined for one that does not come from outside. */
  count(fault: FaultName): number | undefined {
    return isOutside(fault) ? this.fired[fault] : undefined;
  }

  /** Lets faults in progress end; resolves when all that was broken works again. @throws whatever kept a server down. */
  async settled(): Promise<void> {
    this.stop.abort();
    await Promise.all(this.rounds);
  }

  /** Rejects when a server could not be started again; never resolves. */
  get failed(): Promise<never> {
    const endless = new Promise<never>(() => undefined);
    return Promise.race([endless, ...this.rounds.map((round) => round.then(() => endless))]);
  }

  private async injectRepeatedly(fault: OutsideFault, planned: readonly PlannedFault[]): Promise<void> {
    const { signal } = this.stop;
    for (const { pauseMs, choice } of planned) {
      await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      if (!(await this.inject(fault, choice))) continue;
      this.fired[fault] += 1;
      this.report(`${fault} (${this.fired[fault]})`);
    }
  }

  /** @returns whether it had an effect. */
  private async inject(fault: OutsideFault, choice: number): Promise<boolean> {
    const { temporal, postgres, workers } = this.system;
    switch (fault) {
      case 'kill-worker':
        return workers.kill(choice);
      case 'freeze-worker':
        return workers.freeze(choice, FROZEN_MS);
      case 'kill-postgres':
        await postgres.killAndRestart(choice % 15 === 0 ? DOWN_FOR_LONG_MS : choice % 1_500);
        return true;
      case 'kill-temporal':
        await temporal.killAndRestart(choice % 1_500);
        return true;
      case 'cut-connection':
        return this.disturbConnections(choice);
      case 'reset':
        return resetOneOf([...this.started], this.system.client, choice);
    }
  }

  /** Cuts every connection, or slows all of them for some seconds. */
  private async disturbConnections(choice: number): Promise<boolean> {
    const { proxy } = this.system;
    if (choice % 2 === 0) return proxy.cut() > 0;
    const before = proxy.slow(100 + (choice % 400));
    await sleep(3_000);
    return proxy.slow(0) > before;
  }
}

function isOutside(fault: FaultName): fault is OutsideFault {
  return fault in pauses;
}
