import pino from 'pino';
import { alertText } from './alert';
import type { AlertLogger, AlertSink } from './sink';

/** A logger of JSON lines on standard error, as the workers have. */
export function defaultLogger(): AlertLogger {
  return pino(
    { name: 'alerts', timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ fd: 2, sync: true }),
  );
}

/**
 * Writes one structured line per alert: at level `warn` when it is raised, at `info` when it is resolved. The alert is the
 * field `alert`.
 * @param logger a pino logger. @default JSON lines on standard error
 */
export function logAlerts(logger: AlertLogger = defaultLogger()): AlertSink {
  return {
    notify: (alert) => {
      const level = alert.status === 'open' ? 'warn' : 'info';
      logger[level]({ alert }, alertText(alert));
    },
  };
}
