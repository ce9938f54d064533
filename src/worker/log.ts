import type { LogLevel, LogMetadata, Logger as TemporalLogger } from '@temporalio/common';
import { Runtime } from '@temporalio/worker';
import type { Logger } from 'pino';
import pino from 'pino';

export type { Logger };

/**
 * A logger of JSON lines on standard error; standard output belongs to results.
 * @param name which process speaks.
 */
export function createLogger(name: string, level: string): Logger {
  // Synchronous, so that the line that explains an exit is written before the exit.
  return pino(
    { name, level, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ fd: 2, sync: true }),
  );
}

const levels = { TRACE: 'trace', DEBUG: 'debug', INFO: 'info', WARN: 'warn', ERROR: 'error' } as const;

/** Lets the Temporal SDK (and `log` in workflows and activities) write through the same logger. */
function forTemporal(logger: Logger): TemporalLogger {
  const write = (level: LogLevel, message: string, meta?: LogMetadata) => {
    logger[levels[level]](plain(meta), message);
  };
  return {
    log: write,
    trace: (message, meta) => write('TRACE', message, meta),
    debug: (message, meta) => write('DEBUG', message, meta),
    info: (message, meta) => write('INFO', message, meta),
    warn: (message, meta) => write('WARN', message, meta),
    error: (message, meta) => write('ERROR', message, meta),
  };
}

/** The SDK puts its errors under `error`, pino looks for them under `err`; JSON has no bigint. */
function plain(meta: LogMetadata = {}): object {
  const { error, ...rest } = meta as LogMetadata & { error?: unknown };
  const values = Object.entries(rest).map(([key, value]) => [
    key,
    typeof value === 'bigint' ? String(value) : (value as unknown),
  ]);
  return { ...(Object.fromEntries(values) as object), ...(error === undefined ? {} : { err: error }) };
}

/**
 * Installs the SDK's runtime of this process: its logger, its metrics, and no signal handlers, because ours stop the
 * workers in order. To be called once, before the first connection of a worker.
 */
export function installRuntime(logger: Logger, metricsAddress: string | undefined): void {
  Runtime.install({
    logger: forTemporal(logger),
    shutdownSignals: [],
    telemetryOptions: {
      logging: { forward: {}, filter: { core: 'WARN', other: 'ERROR' } },
      ...(metricsAddress === undefined ? {} : { metrics: { prometheus: { bindAddress: metricsAddress } } }),
    },
  });
}
