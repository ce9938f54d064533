import { createHash } from 'node:crypto';
import type { Alert } from './alert';
import { DeliveryQueue } from './delivery';
import { AlertsError } from './errors';
import { alertmanagerAlerts, bodyOf, type WebhookFormat, webhookFormats } from './formats';
import { defaultLogger } from './log-sink';
import { keyOfSecret, signedHeaders } from './signature';
import type { AlertLogger, AlertSink } from './sink';

/** Where alerts are posted, and how. Times are in milliseconds. */
export interface WebhookOptions {
  /** `http:` or `https:`, without a login. Only its host is ever logged. */
  readonly url: string;
  /** @default 'json' */
  readonly format?: WebhookFormat;
  /** Signs each request as Standard Webhooks does: `whsec_` and the base64 of 24 to 64 bytes. @default none: not signed */
  readonly secret?: string;
  /** The integration key of a PagerDuty service; required for the format `pagerduty`. */
  readonly routingKey?: string;
  /** Further headers, such as `authorization`. Never logged. */
  readonly headers?: Readonly<Record<string, string>>;
  /** How long one try may take. @default 10 000 */
  readonly timeoutMs?: number;
  /** The pause after the first try that failed; it doubles each time, with jitter. @default 1 000 */
  readonly initialRetryMs?: number;
  /** The longest pause, unless the receiver asks for a longer one (`Retry-After`). @default 60 000 */
  readonly maxRetryMs?: number;
  /** How long after it was raised an alert is given up. @default 900 000 */
  readonly giveUpAfterMs?: number;
  /** How long the end of the watcher waits for deliveries. @default 10 000 */
  readonly closeWithinMs?: number;
  /** How many alerts may wait. Of more, the oldest resolved one is dropped first. @default 1 000 */
  readonly maxQueue?: number;
  /** How often alerts that are open are sent again; for the format `alertmanager` alone. @default 60 000 */
  readonly resendMs?: number;
  /** Where it is logged what was dropped, refused or given up. @default JSON lines on standard error */
  readonly logger?: AlertLogger;
}

/** Alerts in one request to Alertmanager. */
const RESENT_AT_ONCE = 500;

/**
 * Posts each alert as JSON. Tries again after network errors, 408, 429 and 5xx, and never makes the watcher wait.
 * @throws AlertsError `WEBHOOK_INVALID` for a URL, a secret or a routing key that cannot be used.
 */
export function postAlerts(options: WebhookOptions): AlertSink {
  const { format = 'json', routingKey, resendMs = 60_000 } = options;
  check(options);
  const key = options.secret === undefined ? undefined : keyOfSecret(options.secret);
  const queue = new DeliveryQueue({
    url: options.url,
    headers: (id, body) => ({
      'content-type': 'application/json',
      'user-agent': 'unwind',
      ...options.headers,
      ...(key && signedHeaders(key, id, Date.now(), body)),
    }),
    timeoutMs: options.timeoutMs ?? 10_000,
    initialRetryMs: options.initialRetryMs ?? 1_000,
    maxRetryMs: options.maxRetryMs ?? 60_000,
    giveUpAfterMs: options.giveUpAfterMs ?? 900_000,
    closeWithinMs: options.closeWithinMs ?? 10_000,
    maxQueue: options.maxQueue ?? 1_000,
    logger: options.logger ?? defaultLogger(),
  });
  let sentAt = Date.now();
  return {
    notify: (alert) =>
      queue.push({
        id: messageId(alert),
        body: JSON.stringify(bodyOf(format, alert, routingKey)),
        resolved: alert.status === 'resolved',
        key: alert.key,
      }),
    // Alertmanager forgets what is not sent again. What waits for it is newer than this.
    refresh: (open) => {
      const now = Date.now();
      if (format !== 'alertmanager' || now - sentAt < resendMs || !queue.isIdle) return;
      sentAt = now;
      for (let from = 0; from < open.length; from += RESENT_AT_ONCE) {
        const some = alertmanagerAlerts(open.slice(from, from + RESENT_AT_ONCE), now);
        const id = `resent_${now}_${from}`;
        queue.push({ id, body: JSON.stringify(some), resolved: false, key: id });
      }
    },
    close: async () => await queue.close(),
  };
}

/** The same from two watchers, so that a receiver sees a repetition. */
function messageId({ key, status, since, count }: Alert): string {
  const text = JSON.stringify([key, status, since, count]);
  return `alert_${createHash('sha256').update(text).digest('hex').slice(0, 32)}`;
}

function check({ url, format = 'json', routingKey, headers = {} }: WebhookOptions): void {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (!parsed || !/^https?:$/.test(parsed.protocol))
    throw invalid('the URL must begin with http:// or https://');
  if (parsed.username !== '' || parsed.password !== '')
    throw invalid('the URL must not contain a login: send it as a header');
  if (!webhookFormats.includes(format))
    throw invalid(`the format must be one of ${webhookFormats.join(', ')}`);
  if (format === 'pagerduty' && !routingKey) throw invalid('the format pagerduty needs a routing key');
  try {
    new Headers(headers);
  } catch {
    throw invalid('a header has a name or a value that HTTP does not allow');
  }
}

function invalid(message: string): AlertsError {
  return new AlertsError('WEBHOOK_INVALID', message);
}
