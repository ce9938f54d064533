import { setTimeout as sleep } from 'node:timers/promises';
import { shortText } from './alert';
import { post, type Posted } from './post';
import type { AlertLogger } from './sink';

/** How a message is delivered. Times are in milliseconds. */
export interface DeliverySettings {
  readonly url: string;
  readonly headers: (id: string, body: string) => Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly initialRetryMs: number;
  readonly maxRetryMs: number;
  readonly giveUpAfterMs: number;
  readonly closeWithinMs: number;
  readonly maxQueue: number;
  readonly logger: AlertLogger;
}

/** A message in the queue. */
export interface Message {
  /** The same in each try, so that a receiver can ignore a repetition. */
  readonly id: string;
  readonly body: string;
  readonly resolved: boolean;
  /** For the log. */
  readonly key: string;
}

interface Queued extends Message {
  readonly until: number;
}

/** Delivers messages one after the other, in order, and repeats what fails. */
export class DeliveryQueue {
  private readonly queue: Queued[] = [];
  private readonly stop = new AbortController();
  private running: Promise<void> | undefined;
  /** The host alone: the path of a webhook's URL may be a secret. */
  private readonly host: string;

  constructor(private readonly settings: DeliverySettings) {
    this.host = new URL(settings.url).host;
  }

  /** Whether nothing waits or is under way. */
  get isIdle(): boolean {
    return this.running === undefined;
  }

  /** Never waits. Drops a message if there are too many: the oldest about a resolved alert, otherwise the oldest. */
  push(message: Message): void {
    if (this.stop.signal.aborted) return;
    this.queue.push({ ...message, until: Date.now() + this.settings.giveUpAfterMs });
    if (this.queue.length > this.settings.maxQueue) {
      const resolved = this.queue.findIndex((each) => each.resolved);
      const [dropped] = this.queue.splice(Math.max(resolved, 0), 1);
      if (dropped) this.report(dropped, 'dropped: too many wait for the receiver');
    }
    this.start();
  }

  /** Delivers what is left, as long as `closeWithinMs` allows. */
  async close(): Promise<void> {
    const late = new AbortController();
    const timer = sleep(this.settings.closeWithinMs, undefined, { signal: late.signal }).catch(
      () => undefined,
    );
    await Promise.race([this.running, timer]);
    late.abort();
    this.stop.abort();
    await this.running;
    for (const left of this.queue.splice(0)) this.report(left, 'not delivered: the watcher ended');
  }

  private start(): void {
    this.running ??= this.run().then(() => {
      this.running = undefined;
      // One that came after the last look at the queue.
      if (this.queue.length > 0 && !this.stop.signal.aborted) this.start();
    });
  }

  private async run(): Promise<void> {
    for (let next = this.queue.shift(); next; next = this.queue.shift()) {
      await this.deliver(next);
      if (this.stop.signal.aborted) return;
    }
  }

  private async deliver(message: Queued): Promise<void> {
    const { url, headers, timeoutMs } = this.settings;
    const { signal } = this.stop;
    for (let tries = 1; ; tries += 1) {
      const { id, body } = message;
      const posted = await post(url, headers(id, body), body, timeoutMs, signal);
      if (posted.kind === 'delivered') return;
      if (posted.kind === 'refused') return this.report(message, `refused: ${posted.why}`);
      const pause = this.pauseAfter(posted, tries);
      if (signal.aborted || Date.now() + pause > message.until)
        return this.report(message, `given up after ${tries} tries: ${posted.why}`);
      await sleep(pause, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return this.report(message, `not delivered: the watcher ended: ${posted.why}`);
    }
  }

  /** Doubles with each try, with jitter; never shorter than the receiver asks for. */
  private pauseAfter({ after }: Extract<Posted, { kind: 'failed' }>, tries: number): number {
    const { initialRetryMs, maxRetryMs } = this.settings;
    const longest = Math.min(initialRetryMs * 2 ** Math.min(tries - 1, 20), maxRetryMs);
    return Math.max(longest * (0.5 + Math.random() / 2), after ?? 0);
  }

  private report({ id, key }: Message, what: string): void {
    const { host } = this;
    this.settings.logger.warn({ webhook: host, id, key }, `alert for ${host} ${shortText(what)}`);
  }
}
