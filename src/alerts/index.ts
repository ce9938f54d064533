/** Watches sagas and raises alerts: stuck sagas, failing compensations and workflow tasks, deadlines, findings of the audit. */
export { type Alert, type AlertKind, alertKinds, alertText } from './alert';
export { AlertsError, type AlertsErrorCode } from './errors';
export { type WebhookFormat, webhookFormats } from './formats';
export { logAlerts } from './log-sink';
export { countAlerts } from './metric-sink';
export type { WatchOptions } from './options';
export type { AlertLogger, AlertSink } from './sink';
export { findAlerts, watchSagas } from './watch';
export { postAlerts, type WebhookOptions } from './webhook';
