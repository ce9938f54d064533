/** Why a watcher was not started. Each code is stable. */
export type AlertsErrorCode =
  /** An option of the watcher is out of range. */
  | 'WATCH_OPTION_INVALID'
  /** A webhook cannot be used as it is described: its URL, its secret or its routing key. */
  | 'WEBHOOK_INVALID';

/** Thrown before anything is started. The message never contains a secret. */
export class AlertsError extends Error {
  override readonly name = 'AlertsError';
  constructor(
    readonly code: AlertsErrorCode,
    message: string,
  ) {
    super(message);
  }
}
