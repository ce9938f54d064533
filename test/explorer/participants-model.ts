/**
 * What participants behind the barrier remember of one saga, by step (B1–B4). It outlives everything that the
 * orchestrator forgets.
 */
export class ParticipantsModel {
  private readonly did = new Set<string>();
  private readonly refused = new Set<string>();
  private readonly blocked = new Set<string>();
  private readonly undone = new Set<string>();

  /** What a call of the action would be answered, if that is decided: anything else may still happen. */
  answer(step: string): 'succeeded' | 'refused' | 'blocked' | undefined {
    if (this.blocked.has(step) || this.undone.has(step)) return 'blocked';
    if (this.refused.has(step)) return 'refused';
    return this.did.has(step) ? 'succeeded' : undefined;
  }

  act(step: string): void {
    if (this.answer(step) === undefined) this.did.add(step);
  }

  refuse(step: string): void {
    if (this.answer(step) === undefined) this.refused.add(step);
  }

  undo(step: string): void {
    if (this.did.has(step)) this.undone.add(step);
    else if (!this.refused.has(step)) this.blocked.add(step);
  }

  /** Whether an effect of the step stands. */
  stands(step: string): boolean {
    return this.did.has(step) && !this.undone.has(step);
  }

  get standing(): readonly string[] {
    return [...this.did].filter((step) => !this.undone.has(step));
  }

  get key(): string {
    return [this.did, this.refused, this.blocked, this.undone].map((set) => [...set].join()).join('/');
  }
}
