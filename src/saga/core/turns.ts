/**
 * What waits, in an express saga, until the body has gone as far as it can and no step runs: one thing then follows
 * after the other. In any other saga nothing waits.
 *
 * A lost workflow task is repeated, and must do what it did before. What came from outside in the meantime is there
 * from the beginning then, so it must not overtake what the body did without it (decision 0009).
 */
export class Turns {
  private readonly failures: (() => void)[] = [];
  private readonly arrivals: (() => void)[] = [];
  private readonly messages = new Set<() => void>();

  constructor(private readonly express: boolean) {}

  get anyWaits(): boolean {
    return this.failures.length + this.arrivals.length > 0;
  }

  /** A part of the body has failed: what follows from it. Comes before all that is from outside. */
  failed(goOn: () => void): void {
    if (this.express) this.failures.push(goOn);
    else goOn();
  }

  /** Something came from outside: what it changes. */
  arrived(change: () => void): void {
    if (this.express) this.arrivals.push(change);
    else change();
  }

  /** A signal or an Update came for the body: what hands it to its handler. */
  sent(letIn: () => void): void {
    this.messages.add(letIn);
    this.arrived(letIn);
  }

  /** The messages whose turn has not come. */
  takeMessages(): readonly (() => void)[] {
    const waiting = this.arrivals.filter((change) => this.messages.has(change));
    this.messages.clear();
    return waiting;
  }

  /** Takes what waits longest. */
  nextFailure(): (() => void) | undefined {
    return this.failures.shift();
  }

  nextArrival(): (() => void) | undefined {
    const next = this.arrivals.shift();
    if (next) this.messages.delete(next);
    return next;
  }
}
