import {
  type Alert,
  type AlertLogger,
  type AlertSink,
  watchSagas,
  type WatchOptions,
} from '../../src/alerts';
import type { SagaClient } from '../../src/client';

/** A sink that keeps what it gets. */
export class Collector implements AlertSink {
  readonly alerts: Alert[] = [];
  /** How many times it was told of all that is open. */
  refreshed = 0;

  notify(alert: Alert): void {
    this.alerts.push(alert);
  }

  refresh(): void {
    this.refreshed += 1;
  }

  /** `open saga-stuck a`, in order. */
  get told(): string[] {
    return this.alerts.map(({ status, kind, sagaId, count }) =>
      `${status} ${kind} ${sagaId ?? count ?? ''}`.trim(),
    );
  }
}

/** A logger that keeps its messages. */
export class Lines implements AlertLogger {
  readonly lines: { readonly fields: object; readonly message: string }[] = [];

  info(fields: object, message: string): void {
    this.lines.push({ fields, message });
  }

  warn(fields: object, message: string): void {
    this.lines.push({ fields, message });
  }

  /** All that was logged, with the fields. */
  get text(): string {
    return this.lines.map((line) => JSON.stringify(line)).join('\n');
  }
}

/** Runs a test's body beside a watcher of the sagas whose ids begin in the same way. */
export async function whileWatching<T>(
  client: SagaClient,
  prefix: string,
  options: WatchOptions,
  body: (seen: Collector, logger: Lines) => Promise<T>,
): Promise<T> {
  const stop = new AbortController();
  const seen = new Collector();
  const logger = new Lines();
  const watching = watchSagas(client, {
    everyMs: 200,
    filter: { where: `WorkflowId STARTS_WITH '${prefix}'` },
    logger,
    sinks: [seen],
    ...options,
    signal: stop.signal,
  });
  try {
    return await body(seen, logger);
  } finally {
    stop.abort();
    await watching;
  }
}
