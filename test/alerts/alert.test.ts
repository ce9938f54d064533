import { Writable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import type { MetricGauge, MetricMeter, MetricTags } from '@temporalio/common';
import fc from 'fast-check';
import pino from 'pino';
import { type Alert, alertKinds, countAlerts, logAlerts } from '../../src/alerts';
import { keyOf, shortText } from '../../src/alerts/alert';
import { bodyOf } from '../../src/alerts/formats';
import { strangeText } from '../support/strange';

const alert: Alert = {
  key: 'unwind/default/saga-stuck/a',
  kind: 'saga-stuck',
  status: 'open',
  severity: 'critical',
  namespace: 'default',
  sagaId: 'a',
  since: '2026-11-28T10:00:00.000Z',
  message: 'broken',
};

test('the log has one structured line per alert, as a warning or, when it is resolved, as information', () => {
  const lines: string[] = [];
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      lines.push(chunk.toString());
      done();
    },
  });
  const sink = logAlerts(pino(stream));
  sink.notify(alert);
  sink.notify({ ...alert, status: 'resolved' });
  expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
    { level: 40, msg: 'saga-stuck: a: broken', alert },
    { level: 30, msg: 'resolved: saga-stuck: a: broken', alert: { key: alert.key } },
  ]);
});

test('the gauge counts the open alerts of each kind, also those of which there is none', () => {
  const values = new Map<string, number>();
  const gauge = { set: (value: number, tags: MetricTags) => values.set(String(tags['kind']), value) };
  const meter = {
    createGauge: (name: string) => {
      expect(name).toBe('unwind_open_alerts');
      return gauge as unknown as MetricGauge;
    },
  } as unknown as MetricMeter;
  const sink = countAlerts(meter);
  sink.refresh?.([alert, { ...alert, key: 'b' }, { ...alert, key: 'c', kind: 'task-failing' }]);
  expect(Object.fromEntries(values)).toEqual({
    ...Object.fromEntries(alertKinds.map((kind) => [kind, 0])),
    'saga-stuck': 2,
    'task-failing': 1,
  });
  sink.refresh?.([]);
  expect(values.get('saga-stuck')).toBe(0);
});

describe('texts of failures, however strange', () => {
  test('are cut to one line that every receiver can read', () => {
    fc.assert(
      fc.property(strangeText, (text) => {
        const short = shortText(text);
        expect(short.length).toBeLessThanOrEqual(500);
        expect(short).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
        expect(short.isWellFormed()).toBe(true);
      }),
    );
    expect(shortText('x'.repeat(10_000_000))).toMatch(/^x{499}…$/);
  });

  test('give keys of at most 250 characters that differ when any part does', () => {
    fc.assert(
      fc.property(strangeText, strangeText, (one, other) => {
        const [a, b] = [keyOf('n', one, other), keyOf('n', `${one}/`, other)];
        expect(a.length).toBeLessThanOrEqual(250);
        expect(a).not.toBe(b);
        expect(keyOf('n', one, other)).toBe(a);
      }),
    );
    expect(keyOf('n', 'a/b', 'c')).not.toBe(keyOf('n', 'a', 'b/c'));
    const long = 'x'.repeat(900);
    expect(keyOf('n', `${long}1`)).not.toBe(keyOf('n', `${long}2`));
  });

  test('fit what PagerDuty takes as a summary', () => {
    const worst = { ...alert, sagaId: 'x'.repeat(1_000), message: shortText('y'.repeat(9_000)) };
    const { payload } = bodyOf('pagerduty', worst, 'R') as { payload: { summary: string } };
    expect(payload.summary.length).toBeLessThanOrEqual(1_024);
  });
});
