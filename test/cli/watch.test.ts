import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Alert } from '../../src/alerts';
import { retryStep } from '../../src/saga';
import { Receiver } from '../alerts/receiver';
import { Harness } from '../saga/harness';
import { pivot, type Program, run, seq, wait } from '../saga/program';
import { programSaga } from '../saga/program-workflow';
import { World } from '../saga/world';
import { localServer } from '../support/temporal';
import { startUnwind, unwind } from '../support/unwind';
import { until } from '../support/until';

let harness: Harness;
let address: string;
beforeAll(async () => {
  harness = await Harness.start(await localServer());
  address = harness.env.address;
});
afterAll(async () => await harness.stop());

const start = async (sagaId: string, program: Program) =>
  await harness.client.start({ ...programSaga, idOf: () => sagaId }, program);
const stuckInVisibility = async (count: number) =>
  await until('visibility', async () => (await harness.client.count()).stuck === count);
const jsonLines = (out: string) =>
  out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Alert);

describe('unwind watch', () => {
  test('prints what is found and what is resolved, posts both signed, and Ctrl-C ends it', async () => {
    const receiver = await Receiver.start({ status: 500 });
    const bytes = Buffer.alloc(24, 3);
    const env = { UNWIND_WEBHOOK_SECRET: `whsec_${bytes.toString('base64')}` };
    await harness.withWorkers(new World().script('do pay', 'permanent'), async () => {
      const args = ['watch', '--every', '1s', '--webhook', receiver.url, '--json'];
      const watching = startUnwind(address, args, { env });
      await until('the command to watch', () => watching.said.err.includes('watching'));
      await start('watched', seq(run('hold'), pivot('pay')));
      await until('the alert', () => watching.said.out.includes('saga-stuck'));
      await harness.client.update('watched', retryStep, { step: 'pay', actor: 'grace', reason: 'back' });
      await until('the end of it', () => watching.said.out.includes('resolved'));
      await until('the posts', () => receiver.received.length === 3);
      watching.child.kill('SIGINT');
      const { code, out, err } = await watching.ended;
      expect(code).toBe(130);
      expect(err).toContain('the sagas go on');
      const [open, resolved] = jsonLines(out);
      expect(open).toMatchObject({ kind: 'saga-stuck', status: 'open', sagaId: 'watched', step: 'pay' });
      expect(resolved).toMatchObject({ key: open?.key, status: 'resolved' });
      const bodies = receiver.received.map(({ body }) => (body as { data: unknown }).data);
      expect(bodies).toEqual([open, open, resolved]);
      for (const { headers, text } of receiver.received) {
        const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${text}`;
        const expected = createHmac('sha256', bytes).update(signed).digest('base64');
        expect(headers['webhook-signature']).toBe(`v1,${expected}`);
      }
      expect(`${out}${err}`).not.toContain(bytes.toString('base64'));
    });
    await receiver.stop();
  });

  test('--once exits with 0 if nothing is open, and with 2 and the alerts if something is', async () => {
    const receiver = await Receiver.start();
    await harness.withWorkers(
      new World().script('do pay', ...Array<'permanent'>(9).fill('permanent')),
      async () => {
        expect(await unwind(address, 'watch', '--once')).toEqual({ code: 0, out: '', err: '' });
        await start('open', pivot('pay'));
        await stuckInVisibility(1);
        const env = { UNWIND_WEBHOOK_URL: receiver.url, UNWIND_PAGERDUTY_KEY: 'R0123' };
        const once = startUnwind(address, ['watch', '--once', '--format', 'pagerduty'], { env });
        expect(await once.ended).toMatchObject({
          code: 2,
          err: '',
          out: expect.stringMatching(
            /^\S+Z {2}saga-stuck: open \(runProgram\) at pay: BROKEN: pay is broken\n$/,
          ) as unknown,
        });
        expect(receiver.received.map(({ body }) => body)).toMatchObject([
          { routing_key: 'R0123', event_action: 'trigger' },
        ]);
        await harness.handle('open').terminate();
        await stuckInVisibility(0);
      },
    );
    await receiver.stop();
  });

  test('--audit-every prints findings of the audit too', async () => {
    await harness.withWorkers(new World(), async () => {
      await start('ended', seq(run('a'), wait('never')));
      await until('a', async () => (await harness.client.report('ended')).steps[0]?.state === 'succeeded');
      await harness.handle('ended').terminate();
      await until('visibility', async () => (await harness.client.count()).terminated > 0);
      const { code, out } = await unwind(address, 'watch', '--once', '--audit-every', '1h', '--json');
      expect(code).toBe(2);
      expect(jsonLines(out)).toContainEqual(
        expect.objectContaining({ kind: 'audit-finding', code: 'TERMINATED', sagaId: 'ended' }),
      );
    });
  });

  const secret = { UNWIND_WEBHOOK_SECRET: 'hunter2-hunter2' };
  test.each<[string, RegExp, string[], Record<string, string>?]>([
    ['a URL that is none', /^WEBHOOK_INVALID: the URL/, ['--webhook', 'nowhere']],
    ['a malformed secret', /^WEBHOOK_INVALID: the secret/, ['--webhook', 'http://127.0.0.1:1/'], secret],
    ['no routing key', /^WEBHOOK_INVALID: .*routing key/, ['--format', 'pagerduty']],
    ['a duration without a unit', /^INVALID_ARGUMENT: .*--every/, ['--every', '15']],
    ['too short a duration', /^INVALID_ARGUMENT: .*--every/, ['--every', '10ms']],
    ['a duration that is none', /^INVALID_ARGUMENT: .*--audit-every/, ['--audit-every', 'daily']],
    ['an unknown format', /^INVALID_ARGUMENT: .*--format/, ['--format', 'teams']],
  ])('%s is refused with a code, and nothing is started', async (_, message, args, env = {}) => {
    const said = await startUnwind('127.0.0.1:1', ['watch', ...args], { env }).ended;
    expect(said).toMatchObject({ code: 1, out: '', err: expect.stringMatching(message) as unknown });
    expect(said.err).not.toContain('hunter2');
  });

  test('a server that is not there is an error at the start', async () => {
    expect(await unwind('127.0.0.1:1', 'watch', '--once')).toMatchObject({
      code: 1,
      err: expect.stringMatching(/^TEMPORAL_UNREACHABLE: /) as unknown,
    });
  });
});
