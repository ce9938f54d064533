import type { MetricMeter } from '@temporalio/common';
import { alertKinds } from './alert';
import type { AlertSink } from './sink';

/** The name of the gauge. */
const OPEN_ALERTS = 'unwind_open_alerts';

/**
 * Sets the gauge `unwind_open_alerts` after each poll, with the tag `kind`. Kinds without an open alert are 0. An alert for
 * many sagas counts once.
 * @param meter such as `Runtime.instance().metricMeter` of `@temporalio/worker`: then the gauge is exported with the metrics
 *   of the SDK.
 */
export function countAlerts(meter: MetricMeter): AlertSink {
  const gauge = meter.createGauge(OPEN_ALERTS, 'int', undefined, 'Alerts about sagas that are open');
  return {
    notify: () => undefined,
    refresh: (open) => {
      for (const kind of alertKinds) gauge.set(open.filter((alert) => alert.kind === kind).length, { kind });
    },
  };
}
