import { setTimeout as sleep } from 'node:timers/promises';
import type { SagaClient } from '../client';
import { type Alert, shortText } from './alert';
import { AuditPass } from './audit-pass';
import { Health } from './health';
import { withLinkedSignal } from './linked-abort';
import { OpenAlerts } from './open-alerts';
import { settingsOf, type WatchOptions, type WatchSettings } from './options';
import { Poller } from './poller';

/** The longest pause after polls that failed: what is new must not wait long once the server is back. */
const MAX_PAUSE_MS = 60_000;
/** A poll or an audit that the server leaves without an answer is given up. */
const POLL_WITHIN_MS = 120_000;
const AUDIT_WITHIN_MS = 6 * 3_600_000;

/**
 * Watches the sagas of a namespace until the signal is aborted: polls visibility, and sends an alert to each sink when a
 * problem is found and when it is over. A poll that fails is repeated; that never ends the watcher. Two watchers may run at
 * once: their alerts have the same keys.
 * @param client with the records of the participants, if the audit is to read them.
 * @returns when it has ended, and the sinks have delivered what they can.
 * @throws AlertsError `WATCH_OPTION_INVALID` before anything is started.
 */
export async function watchSagas(client: SagaClient, options: WatchOptions = {}): Promise<void> {
  const watch = new Watch(client, settingsOf(options));
  const signal = options.signal ?? new AbortController().signal;
  await Promise.all([
    watch.repeat('poll', signal),
    ...(options.auditEveryMs === undefined ? [] : [watch.repeat('audit', signal)]),
  ]);
  await watch.close();
}

/**
 * Polls once, and audits once if `auditEveryMs` is set, and sends what is open to the sinks.
 * @returns the alerts that are open.
 * @throws AlertsError `WATCH_OPTION_INVALID`
 * @throws ServiceError when the server cannot be reached, and what the audit throws.
 */
export async function findAlerts(client: SagaClient, options: WatchOptions = {}): Promise<readonly Alert[]> {
  const watch = new Watch(client, settingsOf(options));
  try {
    await watch.once('poll', options.signal);
    if (options.auditEveryMs !== undefined) await watch.once('audit', options.signal);
    return watch.open;
  } finally {
    await watch.close();
  }
}

type Part = 'poll' | 'audit';

class Watch {
  private readonly alerts: OpenAlerts;
  private readonly poller: Poller;
  private readonly audit: AuditPass;

  constructor(
    private readonly client: SagaClient,
    private readonly settings: WatchSettings,
  ) {
    const { namespace } = client.temporal.options;
    this.alerts = new OpenAlerts(namespace, (alert) => this.toSinks((sink) => sink.notify(alert)));
    this.poller = new Poller(client, this.alerts, settings);
    this.audit = new AuditPass(client, this.alerts, settings);
  }

  get open(): readonly Alert[] {
    return this.alerts.all;
  }

  async once(part: Part, signal: AbortSignal = new AbortController().signal): Promise<void> {
    const within = part === 'poll' ? POLL_WITHIN_MS : AUDIT_WITHIN_MS;
    const { temporal } = this.client;
    const work = async () => await (part === 'poll' ? this.poller.poll() : this.audit.run());
    // The SDK leaves a listener on the signal for each call.
    await withLinkedSignal(signal, async (linked) => {
      await temporal.withAbortSignal(linked, async () => {
        await temporal.withDeadline(Date.now() + within, work);
      });
    });
    this.refresh();
  }

  async repeat(part: Part, signal: AbortSignal): Promise<void> {
    const { logger, failingAfterMs } = this.settings;
    const everyMs = part === 'poll' ? this.settings.everyMs : (this.settings.auditEveryMs ?? 0);
    const health = new Health(part, this.alerts, logger, failingAfterMs);
    while (!signal.aborted) {
      const began = Date.now();
      try {
        await this.once(part, signal);
        health.works();
      } catch (error) {
        if (signal.aborted) return;
        // A poll may have hung; an audit takes long.
        health.fails(error, part === 'poll' ? began : Date.now());
      }
      this.refresh();
      const pause = health.failed === 0 ? everyMs : pauseAfter(health.failed, everyMs);
      await sleep(pause, undefined, { signal }).catch(() => undefined);
    }
  }

  async close(): Promise<void> {
    await Promise.all(
      this.settings.sinks.map(async (sink) => {
        await sink.close?.().catch((error: unknown) => this.complain(error));
      }),
    );
  }

  private refresh(): void {
    const { open } = this;
    this.toSinks((sink) => sink.refresh?.(open));
  }

  private toSinks(send: (sink: WatchSettings['sinks'][number]) => void): void {
    for (const sink of this.settings.sinks) {
      try {
        send(sink);
      } catch (error) {
        this.complain(error);
      }
    }
  }

  private complain(error: unknown): void {
    const why = shortText(error instanceof Error ? error.message : String(error));
    this.settings.logger.warn({ why }, `a sink of alerts failed: ${why}`);
  }
}

/** Grows with each failure in a row, and differs between watchers that lost the same server. */
function pauseAfter(failures: number, everyMs: number): number {
  const longest = Math.min(everyMs * 2 ** Math.min(failures - 1, 10), Math.max(MAX_PAUSE_MS, everyMs));
  return longest * (0.5 + Math.random() / 2);
}
