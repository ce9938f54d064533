import type { AlertsErrorCode } from '../alerts/errors';
import type { ErrorEntry } from './entry';

export const alertsErrors: Record<AlertsErrorCode, ErrorEntry> = {
  WATCH_OPTION_INVALID: {
    from: 'watchSagas, findAlerts',
    meaning: 'An option of the watcher is not a number, or out of range. Nothing was started.',
    retriedBy: 'nobody',
    remedy: 'The message names the option and its range.',
  },
  WEBHOOK_INVALID: {
    from: 'postAlerts, watch',
    meaning:
      'The webhook cannot be used: its URL, its secret, its routing key, a header or the format is missing or malformed. Nothing was started.',
    retriedBy: 'nobody',
    remedy: 'Correct what the message names. docs/alerts.md has an example for each format.',
  },
};
