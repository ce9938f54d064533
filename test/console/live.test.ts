import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { SagaDetails } from '../../src/console/contract';
import { pivot, run, seq } from '../saga/program';
import { World } from '../saga/world';
import { until } from '../support/until';
import { ConsoleHarness } from './harness';

let system: ConsoleHarness;
beforeAll(async () => {
  system = await ConsoleHarness.start();
});
afterAll(() => system.stop());

test('a page hears of what has changed, and of nothing twice; the console ends although it listens', async () => {
  const running = await system.serve();
  const world = new World().script('do p', 'held');
  await system.harness.withWorkers(world, async () => {
    await system.startSaga('live', seq(run('a'), pivot('p')));
    const response = await fetch(new URL('/api/live?saga=live', running.url));
    const heard: { event: string; data: string }[] = [];
    const reading = (async () => {
      let text = '';
      for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
        text += chunk;
        const parts = text.split('\n\n');
        text = parts.pop() ?? '';
        for (const part of parts) {
          const [, event = '', data = ''] = /^event: (\w+)\ndata: (.*)/s.exec(part) ?? [];
          if (event) heard.push({ event, data });
        }
      }
    })().catch(() => undefined);
    const states = () =>
      heard.flatMap(({ event, data }) =>
        event === 'saga' ? [(JSON.parse(data) as SagaDetails).saga.state] : [],
      );
    await until('p to run', () => heard.some(({ data }) => data.includes('"running"')));
    world.release('do p');
    await until('its end', () => states().at(-1) === 'completed');
    expect(heard.map(({ event }) => event)).toEqual(expect.arrayContaining(['overview', 'batches', 'saga']));
    for (const event of ['batches', 'saga']) {
      const all = heard.filter((one) => one.event === event).map(({ data }) => data);
      expect(new Set(all).size).toBe(all.length);
    }
    await running.close();
    await reading;
  });
});
