import { createHmac } from 'node:crypto';
import { afterEach, describe, expect, test } from '@jest/globals';
import { type Alert, type AlertSink, postAlerts, type WebhookOptions } from '../../src/alerts';
import { signedHeaders, keyOfSecret } from '../../src/alerts/signature';
import { until } from '../support/until';
import { Lines } from './collector';
import { type Answer, Receiver } from './receiver';

const alert: Alert = {
  key: 'unwind/default/saga-stuck/order-7/capture-payment/2026-11-28T10%3A00%3A00.000Z',
  kind: 'saga-stuck',
  status: 'open',
  severity: 'critical',
  namespace: 'default',
  sagaId: 'order-7',
  workflow: 'fulfilOrder',
  step: 'capture-payment',
  code: 'BANK_DOWN',
  since: '2026-11-28T10:00:00.000Z',
  message: 'the bank <does not> answer & waits',
};
const resolved: Alert = { ...alert, status: 'resolved', resolvedAt: '2026-11-28T10:05:00.000Z' };
const named = (key: string, of: Alert = alert): Alert => ({ ...of, key });

const receivers: Receiver[] = [];
const sinks: AlertSink[] = [];
afterEach(async () => {
  for (const sink of sinks.splice(0)) await sink.close?.();
  for (const receiver of receivers.splice(0)) await receiver.stop();
});

async function receiverOf(...answers: Answer[]): Promise<Receiver> {
  const receiver = await Receiver.start(...answers);
  receivers.push(receiver);
  return receiver;
}

function sinkOf(url: string, options: Partial<WebhookOptions> = {}): { sink: AlertSink; logger: Lines } {
  const logger = new Lines();
  const sink = postAlerts({
    url,
    initialRetryMs: 10,
    maxRetryMs: 50,
    closeWithinMs: 100,
    logger,
    ...options,
  });
  sinks.push(sink);
  return { sink, logger };
}

const count = async (receiver: Receiver, wanted: number) =>
  await until(`${wanted} requests`, () => receiver.received.length >= wanted);

describe('what is posted', () => {
  test('json: the alert, with its type', async () => {
    const receiver = await receiverOf();
    const { sink } = sinkOf(receiver.url);
    sink.notify(alert);
    sink.notify(resolved);
    await count(receiver, 2);
    expect(receiver.received.map(({ body }) => body)).toEqual([
      { type: 'unwind.alert.open', timestamp: expect.any(String), data: alert },
      { type: 'unwind.alert.resolved', timestamp: expect.any(String), data: resolved },
    ]);
    expect(receiver.received[0]?.headers['content-type']).toBe('application/json');
    expect(receiver.received[0]?.headers['webhook-signature']).toBeUndefined();
  });

  test('slack: a text, in which nothing is markup', async () => {
    const receiver = await receiverOf();
    sinkOf(receiver.url, { format: 'slack' }).sink.notify(alert);
    await count(receiver, 1);
    expect(receiver.received[0]?.body).toEqual({
      text: ':rotating_light: saga-stuck: order-7 (fulfilOrder) at capture-payment: BANK_DOWN: the bank &lt;does not&gt; answer &amp; waits',
    });
  });

  test('pagerduty: trigger and resolve with one dedup_key', async () => {
    const receiver = await receiverOf({ status: 202 }, { status: 202 });
    const { sink } = sinkOf(receiver.url, { format: 'pagerduty', routingKey: 'R0123' });
    sink.notify(alert);
    sink.notify(resolved);
    await count(receiver, 2);
    const common = { routing_key: 'R0123', dedup_key: alert.key };
    expect(receiver.received.map(({ body }) => body)).toMatchObject([
      {
        ...common,
        event_action: 'trigger',
        payload: {
          summary: expect.stringContaining('order-7') as unknown,
          source: 'temporal namespace default',
          severity: 'critical',
          timestamp: alert.since,
          component: 'fulfilOrder',
          class: 'saga-stuck',
          custom_details: alert,
        },
      },
      { ...common, event_action: 'resolve' },
    ]);
  });

  test('alertmanager: a list whose labels are the same when it is resolved, and sent again while it is open', async () => {
    const receiver = await receiverOf();
    const { sink } = sinkOf(receiver.url, { format: 'alertmanager', resendMs: 0 });
    sink.notify(alert);
    await count(receiver, 1);
    await until('it to be sent again', () => {
      sink.refresh?.([alert]);
      return receiver.received.length > 1;
    });
    sink.notify({ ...resolved, code: 'OTHER', message: 'changed' });
    await until('the end', () => receiver.received.at(-1)?.text.includes(resolved.resolvedAt ?? '') === true);
    const bodies = receiver.received.map(({ body }) => body as { labels: object; endsAt: string }[]);
    for (const body of bodies)
      expect(body).toMatchObject([
        {
          labels: {
            alertname: 'saga-stuck',
            key: alert.key,
            severity: 'critical',
            namespace: 'default',
            workflow: 'fulfilOrder',
            step: 'capture-payment',
            saga_id: 'order-7',
          },
          startsAt: alert.since,
        },
      ]);
    expect(Date.parse(bodies[1]?.[0]?.endsAt ?? '')).toBeGreaterThan(Date.now());
    expect(bodies.at(-1)?.[0]?.endsAt).toBe(resolved.resolvedAt);
    expect(new Set(bodies.map((body) => JSON.stringify(body[0]?.labels))).size).toBe(1);
  });
});

describe('the signature', () => {
  test('is the one of the example of Standard Webhooks', () => {
    // The vector that its libraries are tested with; openssl dgst gives the same.
    const key = keyOfSecret('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw');
    const headers = signedHeaders(
      key,
      'msg_p5jXN8AQM9LWM0D4loKWxJek',
      1_614_265_330_000,
      '{"test": 2432232314}',
    );
    expect(headers).toEqual({
      'webhook-id': 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      'webhook-timestamp': '1614265330',
      'webhook-signature': 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
    });
  });

  test('fits the body that arrives, and the id stays the same in each try', async () => {
    const receiver = await receiverOf({ status: 503 });
    const bytes = Buffer.alloc(32, 7);
    sinkOf(receiver.url, { secret: `whsec_${bytes.toString('base64')}` }).sink.notify(alert);
    await count(receiver, 2);
    for (const { headers, text } of receiver.received) {
      const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${text}`;
      const expected = createHmac('sha256', bytes).update(signed).digest('base64');
      expect(headers['webhook-signature']).toBe(`v1,${expected}`);
      expect(Math.abs(Date.now() / 1_000 - Number(headers['webhook-timestamp']))).toBeLessThan(60);
    }
    expect(new Set(receiver.received.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
  });

  test('has the same id from two watchers, and another one when the alert is resolved', async () => {
    const receiver = await receiverOf();
    const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
    const [one, other] = [sinkOf(receiver.url, { secret }), sinkOf(receiver.url, { secret })];
    one.sink.notify(alert);
    await count(receiver, 1);
    other.sink.notify(alert);
    await count(receiver, 2);
    one.sink.notify(resolved);
    await count(receiver, 3);
    const [first, second, third] = receiver.received.map(({ headers }) => headers['webhook-id']);
    expect(second).toBe(first);
    expect(third).not.toBe(first);
  });

  test.each(['', 'whsec_', 'secret', 'whsec_c2hvcnQ=', `whsec_${'!'.repeat(40)}`])(
    'a secret that is none is refused and not shown: %j',
    (secret) => {
      const create = () => postAlerts({ url: 'http://127.0.0.1/', secret });
      expect(create).toThrow(expect.objectContaining({ code: 'WEBHOOK_INVALID' }));
      if (secret.length > 6) expect(create).not.toThrow(secret);
    },
  );
});

describe('a receiver in trouble', () => {
  test('is tried again after 500 and 429, not before it asks for, and in order', async () => {
    const receiver = await receiverOf({ status: 500 }, { status: 429, headers: { 'retry-after': '1' } });
    const { sink, logger } = sinkOf(receiver.url);
    sink.notify(named('one'));
    sink.notify(named('two'));
    await count(receiver, 4);
    const keys = receiver.received.map(({ body }) => (body as { data: Alert }).data.key);
    expect(keys).toEqual(['one', 'one', 'one', 'two']);
    const [, second, third] = receiver.received;
    expect((third?.at ?? 0) - (second?.at ?? 0)).toBeGreaterThanOrEqual(990);
    expect(logger.lines).toEqual([]);
  });

  test('that is slow is given up at the timeout and tried again', async () => {
    const receiver = await receiverOf('never');
    sinkOf(receiver.url, { timeoutMs: 100 }).sink.notify(alert);
    await count(receiver, 2);
  });

  test('that is away is given up after a bounded time, with a line that has no URL', async () => {
    const receiver = await receiverOf();
    const { url } = receiver;
    await receiver.stop();
    receivers.pop();
    const { sink, logger } = sinkOf(url, { giveUpAfterMs: 200 });
    sink.notify(alert);
    await until('the line', () => logger.lines.length > 0);
    expect(logger.text).toMatch(/given up after \d+ tries: ECONNREFUSED/);
    expect(logger.text).toContain(alert.key);
    expect(logger.text).not.toContain('secret-path');
  });

  test.each([400, 401, 404, 410, 302])('that refuses with %d is not tried again', async (status) => {
    const headers = { location: 'http://127.0.0.1:1/' };
    const receiver = await receiverOf({ status, headers });
    const { sink, logger } = sinkOf(receiver.url);
    sink.notify(alert);
    sink.notify(named('next'));
    await count(receiver, 2);
    expect(receiver.received).toHaveLength(2);
    expect(logger.text).toContain(`refused: status ${status}`);
  });

  test('makes nobody wait, and of too many the oldest resolved ones are dropped first, and logged', async () => {
    const receiver = await receiverOf();
    receiver.isSilent = true;
    const { sink, logger } = sinkOf(receiver.url, { maxQueue: 3, timeoutMs: 2_000 });
    sink.notify(named('under-way'));
    await count(receiver, 1);
    sink.notify(named('open-1'));
    sink.notify(named('resolved-1', resolved));
    sink.notify(named('resolved-2', resolved));
    sink.notify(named('open-2'));
    sink.notify(named('open-3'));
    sink.notify(named('open-4'));
    const dropped = () => logger.lines.map(({ fields }) => (fields as { key: string }).key);
    expect(dropped()).toEqual(['resolved-1', 'resolved-2', 'open-1']);
    receiver.isSilent = false;
    await until('the rest', () => receiver.received.length >= 5);
    const keys = receiver.received.map(({ body }) => (body as { data: Alert }).data.key);
    expect(keys).toEqual(['under-way', 'under-way', 'open-2', 'open-3', 'open-4']);
  });

  test('delays the end by a bounded time, and what is left is logged', async () => {
    const receiver = await receiverOf();
    receiver.isSilent = true;
    const { sink, logger } = sinkOf(receiver.url, { closeWithinMs: 200 });
    sink.notify(named('under-way'));
    sink.notify(named('waits'));
    await count(receiver, 1);
    const began = Date.now();
    await sink.close?.();
    expect(Date.now() - began).toBeLessThan(8_000);
    const lost = logger.lines.map(({ fields }) => (fields as { key: string }).key);
    expect(lost).toEqual(['under-way', 'waits']);
  });

  test('gets what is left when the watcher ends', async () => {
    const receiver = await receiverOf({ status: 500 });
    const { sink } = sinkOf(receiver.url, { closeWithinMs: 5_000 });
    sink.notify(alert);
    await sink.close?.();
    expect(receiver.received).toHaveLength(2);
  });
});

test.each<[string, Partial<WebhookOptions>]>([
  ['no URL', { url: 'nowhere' }],
  ['another scheme', { url: 'file:///etc/passwd' }],
  ['a login', { url: 'https://user:hunter2@example.com/' }],
  ['no routing key', { format: 'pagerduty' }],
  ['an unknown format', { format: 'teams' as 'json' }],
  ['a header that is none', { headers: { 'bad header': 'hunter2' } }],
])('a webhook with %s is refused before anything is sent', (_, options) => {
  const create = () => postAlerts({ url: 'https://example.com/', ...options });
  expect(create).toThrow(expect.objectContaining({ code: 'WEBHOOK_INVALID' }));
  expect(create).not.toThrow('hunter2');
});
