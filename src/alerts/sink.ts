import type { Alert } from './alert';

/** Where alerts go: {@link logAlerts}, {@link countAlerts}, {@link postAlerts}, or one of your own. */
export interface AlertSink {
  /**
   * A problem was found, has spread to at least twice as many sagas (the same key again, with a larger count), or is
   * resolved. Must return at once. What it throws is logged.
   */
  notify(alert: Alert): void;
  /** All alerts that are open, after each poll. */
  refresh?(open: readonly Alert[]): void;
  /** The watcher ends: delivers what is left, for a bounded time. */
  close?(): Promise<void>;
}

/** The methods of a pino logger that are used. */
export interface AlertLogger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}
