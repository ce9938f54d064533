import type { BrokenSchedule } from '../../src/testing';
import type { ExplorerReport } from './explorer-process';

/** Adds up what several processes have explored. */
export class ExplorationSum {
  private readonly begun = Date.now();
  private schedules = 0;
  private states = 0;
  private readonly byOutcome: Record<string, number> = {};
  readonly broken: (BrokenSchedule & { readonly saga: string })[] = [];

  constructor(private readonly seed: number) {}

  add({ saga, explored }: Extract<ExplorerReport, { explored: unknown }>): void {
    this.schedules += explored.schedules;
    this.states += explored.states;
    for (const [outcome, count] of Object.entries(explored.byOutcome))
      this.byOutcome[outcome] = (this.byOutcome[outcome] ?? 0) + count;
    if (explored.broken) this.broken.push({ saga, ...explored.broken });
  }

  /** Two processes may have seen the same states. */
  get summary() {
    const { seed, schedules, states, byOutcome, broken } = this;
    const perSecond = Math.round(schedules / ((Date.now() - this.begun) / 1_000));
    return { seed, schedules, perSecond, states, byOutcome, broken };
  }
}
