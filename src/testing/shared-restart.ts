/** One restart for many runs: it happens when each of them waits for it, or has ended. */
export class SharedRestart {
  private waiting = 0;
  private readonly waiters: { resolve: () => void; reject: (error: unknown) => void }[] = [];

  /** @param runs how many take part. */
  constructor(
    private runs: number,
    private readonly restart: () => Promise<void>,
  ) {}

  /** Waits for the restart. */
  readonly join = async (): Promise<void> => {
    const done = new Promise<void>((resolve, reject) => this.waiters.push({ resolve, reject }));
    this.waiting++;
    this.restartIfComplete();
    return await done;
  };

  /** A run has ended. */
  readonly leave = (): void => {
    this.runs--;
    this.restartIfComplete();
  };

  private restartIfComplete(): void {
    if (this.waiting === 0 || this.waiting < this.runs) return;
    const waiters = this.waiters.splice(0);
    this.waiting = 0;
    this.restart().then(
      () => waiters.forEach(({ resolve }) => resolve()),
      (error: unknown) => waiters.forEach(({ reject }) => reject(error)),
    );
  }
}
