import { type Alert, alertText, shortText } from './alert';

/** What a webhook posts; docs/alerts.md has an example of each. */
export const webhookFormats = ['json', 'slack', 'pagerduty', 'alertmanager'] as const;
/** One of {@link webhookFormats}. */
export type WebhookFormat = (typeof webhookFormats)[number];

/** Alertmanager takes an alert as resolved at this time, unless it is sent again. */
const EXPIRES_AFTER_MS = 300_000;

/** The body for one alert. @param routingKey of PagerDuty */
export function bodyOf(format: WebhookFormat, alert: Alert, routingKey = ''): unknown {
  switch (format) {
    case 'json':
      return { type: `unwind.alert.${alert.status}`, timestamp: new Date().toISOString(), data: alert };
    case 'slack':
      return { text: slackText(alert) };
    case 'pagerduty':
      return pagerDutyEvent(alert, routingKey);
    case 'alertmanager':
      return alertmanagerAlerts([alert], Date.now());
  }
}

/** A list for `POST /api/v2/alerts`. Labels identify an alert, so they hold nothing that changes. */
export function alertmanagerAlerts(alerts: readonly Alert[], now: number): readonly object[] {
  return alerts.map((alert) => {
    const { kind, key, severity, namespace, workflow, step, sagaId, since, resolvedAt } = alert;
    const { code, message, count, examples } = alert;
    return {
      labels: withoutAbsent({ alertname: kind, key, severity, namespace, workflow, step, saga_id: sagaId }),
      annotations: withoutAbsent({
        summary: alertText(alert),
        description: message,
        code,
        count: count?.toString(),
        examples: examples?.join(', '),
      }),
      startsAt: since,
      endsAt: resolvedAt ?? new Date(now + EXPIRES_AFTER_MS).toISOString(),
    };
  });
}

function slackText(alert: Alert): string {
  const sign = alert.status === 'resolved' ? ':white_check_mark:' : ':rotating_light:';
  const examples = alert.examples ? `\nsuch as ${alert.examples.join(', ')}` : '';
  const text = `${alertText(alert)}${examples}`;
  return `${sign} ${text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')}`;
}

/** An event of PagerDuty's Events API v2. */
function pagerDutyEvent(alert: Alert, routingKey: string): object {
  const { status, key, severity, namespace, workflow, kind, since, resolvedAt } = alert;
  return {
    routing_key: routingKey,
    event_action: status === 'open' ? 'trigger' : 'resolve',
    dedup_key: key,
    payload: {
      summary: shortText(alertText(alert), 1_024),
      source: `temporal namespace ${namespace}`,
      severity,
      timestamp: resolvedAt ?? since,
      ...(workflow !== undefined && { component: workflow }),
      class: kind,
      custom_details: alert,
    },
  };
}

function withoutAbsent(values: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
