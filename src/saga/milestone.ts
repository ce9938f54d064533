import { CancellationScope, condition, defineUpdate, setHandler } from '@temporalio/workflow';
import type { Failure } from './core/failures';
import { reject } from './failures';
import type { SagaState } from './core/state';
import { snapshot } from './snapshot';

/**
 * The early answer to somebody who waits for a milestone.
 * - `reached`: the saga got there, and goes on;
 * - `refused`: it unwinds instead, for this reason;
 * - `passed`: it completed without ever getting there.
 */
export type MilestoneAnswer =
  | { readonly kind: 'reached'; readonly milestone: string; readonly value: unknown }
  | { readonly kind: 'refused'; readonly reason: Failure }
  | { readonly kind: 'passed' };

/** Waits until the saga reaches a milestone, or cannot reach it any more. */
export const awaitMilestone = defineUpdate<MilestoneAnswer, [string]>('awaitMilestone');

/** The milestones that a saga has reached. Reaching one costs no event; only who waits for one pays. */
export class Milestones {
  private readonly reached: Map<string, unknown>;
  /** The milestone of everybody who waits. */
  private readonly awaited: string[] = [];

  /**
   * @param endTask is called when somebody is to be answered: has no action begin inside this workflow task any more, so that the answer
   * need not wait for what follows.
   * @param reached in an earlier run.
   */
  constructor(
    private readonly state: SagaState,
    private readonly endTask: () => void,
    reached: Milestones['entries'] = [],
  ) {
    this.reached = new Map(reached);
    setHandler(awaitMilestone, (name) => this.answer(name), {
      description: 'Wait until the saga reaches a milestone, or cannot reach it any more',
      validator: (name: unknown) => {
        if (typeof name !== 'string' || name === '')
          reject({ code: 'MILESTONE_INVALID', message: 'a milestone is named by a text' });
      },
    });
  }

  /** Those that were reached, with their values (S20). */
  get entries(): readonly (readonly [string, unknown])[] {
    return [...this.reached];
  }

  /** Idempotent: the first value counts. */
  reach(name: string, value: unknown): void {
    if (this.reached.has(name)) return;
    this.reached.set(name, snapshot(value) ?? null);
    if (this.awaited.includes(name)) this.endTask();
  }

  /** Whether anybody waits for one. */
  get anyWaits(): boolean {
    return this.awaited.length > 0;
  }

  /** To be awaited before the workflow ends, so that nobody is left without an answer. */
  async answered(): Promise<void> {
    await condition(() => !this.anyWaits);
  }

  private async answer(name: string): Promise<MilestoneAnswer> {
    this.awaited.push(name);
    // A handler's scope is cancelled with the workflow, but who waits is answered by what the saga makes of the cancel.
    await CancellationScope.nonCancellable(() => condition(() => this.reached.has(name) || this.isOver));
    this.awaited.splice(this.awaited.indexOf(name), 1);
    // Also where it was reached before: it no longer goes on from there.
    if (this.state.reason) return { kind: 'refused', reason: this.state.reason };
    if (this.reached.has(name)) return { kind: 'reached', milestone: name, value: this.reached.get(name) };
    return { kind: 'passed' };
  }

  private get isOver(): boolean {
    return this.state.reason !== undefined || this.state.phase === 'completed';
  }
}
