import type { Effect } from './effect';
import type { SeenOperation } from './seen-operation';

/** What keeps an action from acting twice, blocks what comes after its compensation, and keeps the effects of one run. */
export interface ParticipantBackend {
  /** What happened, in order. */
  readonly effects: readonly Effect[];
  /**
   * Carries out an operation, in an activity's context.
   * @param refusal the code with which the participant refuses an action.
   * @returns its answer, or a promise of it.
   */
  perform(argument: unknown, operation: SeenOperation, refusal?: string): unknown;
  /** What is wrong with it when all is over. */
  findProblems(): string[];
}
