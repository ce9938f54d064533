import { type Command, Option } from 'commander';
import {
  type Alert,
  type AlertLogger,
  type AlertSink,
  alertText,
  findAlerts,
  postAlerts,
  watchSagas,
  type WebhookFormat,
  webhookFormats,
} from '../../alerts';
import { duration } from '../arguments';
import { awaitInterrupt } from '../interrupt';
import { exitCodes } from '../output';
import type { Session } from '../session';

/** The settings of `watch`: what must not be among the arguments, which every process of the machine can read. */
const [URL_SETTING, SECRET_SETTING, KEY_SETTING] = [
  'UNWIND_WEBHOOK_URL',
  'UNWIND_WEBHOOK_SECRET',
  'UNWIND_PAGERDUTY_KEY',
] as const;

const PAGERDUTY = 'https://events.pagerduty.com/v2/enqueue';

interface Options {
  readonly every: number;
  readonly auditEvery?: number;
  readonly webhook?: string;
  readonly format: WebhookFormat;
  readonly once: boolean;
}

/** Adds `watch` to the command line: raises alerts. */
export function addWatchCommand(program: Command, session: Session): void {
  program
    .command('watch')
    .description(
      'print a line for each problem that is found or resolved, and post it to a webhook; ' +
        'with --json prints one alert per line',
    )
    .option('--every <duration>', 'the pause between two polls, such as 15s or 1m', duration, 15_000)
    .option('--audit-every <duration>', 'audit too, with this pause, such as 1h; by default never', duration)
    .option(
      '--webhook <url>',
      `post each alert there, signed if ${SECRET_SETTING} is set; by default to ${URL_SETTING}`,
    )
    .addOption(
      new Option('--format <format>', `what is posted; pagerduty needs ${KEY_SETTING}`)
        .choices(webhookFormats)
        .default('json'),
    )
    .option('--once', `poll once and exit with ${exitCodes.notCompleted} if an alert is open`, false)
    .action((options: Options) => watch(session, options));
}

async function watch(session: Session, options: Options): Promise<void> {
  const { every, auditEvery, once } = options;
  const logger = noteLogger(session);
  const sinks = [printer(session), ...webhookOf(session, options, logger)];
  const client = await (auditEvery === undefined ? session.client() : session.auditor());
  const stop = new AbortController();
  const settings = {
    everyMs: every,
    ...(auditEvery !== undefined && { auditEveryMs: auditEvery }),
    sinks,
    logger,
    signal: stop.signal,
  };
  const interrupt = awaitInterrupt();
  try {
    if (!once) session.note(`watching the sagas of the namespace ${client.temporal.options.namespace}`);
    const work = once ? findAlerts(client, settings) : watchSagas(client, settings);
    const open = await interrupt.race(work.then((found) => ({ found: found ?? [] })));
    if (open) {
      if (open.found.length > 0) session.exitCode(exitCodes.notCompleted);
      return;
    }
    // A second Ctrl-C does not wait for what is to be posted.
    interrupt.release();
    stop.abort();
    await work.catch(() => undefined);
    session.note('ended: the sagas go on, and nothing watches them here');
    session.exitCode(exitCodes.interrupted);
  } finally {
    interrupt.release();
  }
}

function printer(session: Session): AlertSink {
  return { notify: (alert) => session.printLine(alert, lineOf(alert)) };
}

function lineOf(alert: Alert): string {
  const examples = alert.examples ? `, such as ${alert.examples.join(', ')}` : '';
  return `${alert.resolvedAt ?? alert.since}  ${alertText(alert)}${examples}`;
}

function webhookOf(session: Session, { webhook, format }: Options, logger: AlertLogger): AlertSink[] {
  const url = webhook ?? session.setting(URL_SETTING) ?? (format === 'pagerduty' ? PAGERDUTY : undefined);
  if (url === undefined) return [];
  const secret = session.setting(SECRET_SETTING);
  const routingKey = format === 'pagerduty' ? session.setting(KEY_SETTING) : undefined;
  return [
    postAlerts({
      url,
      format,
      logger,
      ...(secret !== undefined && { secret }),
      ...(routingKey !== undefined && { routingKey }),
    }),
  ];
}

function noteLogger(session: Session): AlertLogger {
  const note = (_fields: object, message: string) => session.note(message);
  return { info: note, warn: note };
}
