import { shortText } from './alert';
import type { Finder, OpenAlerts } from './open-alerts';
import type { AlertLogger } from './sink';

/** Whether a part of the watcher works. Trouble is logged once, and becomes `watch-failing` when it lasts. */
export class Health {
  private failingSince: number | undefined;
  private failures = 0;

  constructor(
    private readonly finder: Finder,
    private readonly open: OpenAlerts,
    private readonly logger: AlertLogger,
    private readonly failingAfterMs: number,
  ) {}

  /** How many times in a row it has failed. */
  get failed(): number {
    return this.failures;
  }

  works(): void {
    if (this.failingSince === undefined) return;
    this.failingSince = undefined;
    this.failures = 0;
    this.logger.info({ part: this.finder }, `the ${this.finder} works again`);
    this.open.resolveFailing(this.finder);
  }

  /** @param began when what failed had begun: it may have waited for long. */
  fails(error: unknown, began: number): void {
    this.failures += 1;
    const why = shortText(reasonOf(error));
    if (this.failingSince === undefined) {
      this.failingSince = began;
      this.logger.warn({ part: this.finder, why }, `the ${this.finder} fails and is repeated: ${why}`);
    }
    if (Date.now() - this.failingSince < this.failingAfterMs) return;
    this.open.raiseFailing(this.finder, new Date(this.failingSince).toISOString(), why);
  }
}

/** An error of the server says nothing without its cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}
