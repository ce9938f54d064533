import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import type { RunningConsole } from '../../src/console';
import { ConsoleHarness } from '../console/harness';
import { fail, pivot, retriable, run, seq } from '../saga/program';
import { World } from '../saga/world';
import { until } from '../support/until';
import { findAccessibilityProblems, openPage, startBrowser } from './browser';

let system: ConsoleHarness;
let browser: Browser;
let running: RunningConsole;
let page: Page;
beforeAll(async () => {
  [system, browser] = await Promise.all([ConsoleHarness.start(), startBrowser()]);
  running = await system.serve();
});
afterAll(async () => {
  await browser.close();
  await system.stop();
});
beforeEach(async () => {
  page = await openPage(browser);
});
afterEach(async () => {
  await page.close();
});

const sign = async (actor: string, reason: string): Promise<void> => {
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Who decides').fill(actor);
  await dialog.getByLabel('Why').fill(reason);
};
const stateOf = async (sagaId: string) => (await system.harness.client.outcome(sagaId)).kind;

test('S6 a stuck saga is found by its cause, understood and resolved, and the page shows the effect', async () => {
  const world = new World().script('do pay', ...Array<'permanent'>(50).fill('permanent'));
  await system.harness.withWorkers(world, async () => {
    await system.startSaga('order-7', seq(run('hold'), pivot('pay'), retriable('ship')));
    await system.untilStuck('order-7');
    await page.goto(running.url);
    await page.getByRole('heading', { name: /1 stuck at pay \(runProgram\): BROKEN/ }).waitFor();
    await page.getByText('pay is broken').first().waitFor();
    await page.getByRole('link', { name: 'List this saga' }).click();
    await page.getByRole('link', { name: 'order-7' }).click();
    await page.getByRole('heading', { name: 'pay is stuck' }).waitFor();

    await page.getByRole('button', { name: 'Retry pay' }).click();
    await sign('grace', 'the bank is back');
    await page.getByRole('dialog').getByRole('button', { name: 'Retry' }).click();
    await page.getByRole('dialog').getByText('pay failed again and is still stuck').waitFor();
    await page
      .getByRole('dialog')
      .getByRole('button', { name: /^Close/ })
      .last()
      .click();

    await page.getByRole('button', { name: 'Resolve pay' }).click();
    await sign('g'.repeat(201), 'paid by phone');
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel(/Output of pay/).fill('{ "by": ');
    await dialog.getByRole('button', { name: 'Resolve' }).click();
    await dialog.getByText(/JSON/).last().waitFor();
    await dialog.getByLabel(/Output of pay/).fill('{ "by": "hand" }');
    await dialog.getByRole('button', { name: 'Resolve' }).click();
    await dialog.getByText('actor must be a text of 1 to 200 characters').waitFor();
    await dialog
      .getByRole('button', { name: /^Close/ })
      .last()
      .click();

    await page.getByRole('button', { name: 'Resolve pay' }).click();
    await sign('grace', 'paid by phone');
    await dialog.getByLabel(/Output of pay/).fill('{ "by": "hand" }');
    await dialog.getByRole('button', { name: 'Resolve' }).click();
    await dialog.getByText('pay is no longer stuck').waitFor();
    await dialog
      .getByRole('button', { name: /^Close/ })
      .last()
      .click();
    await page.getByText('paid by phone').first().waitFor();
    await until('it to complete', async () => (await stateOf('order-7')) === 'completed');
    await page.getByRole('heading', { name: 'What you can do' }).waitFor();
    await page.getByRole('button', { name: 'Reverse this saga' }).waitFor();
  });
});

test('200 stuck sagas are helped at once: estimated first, and each shows what came of it', async () => {
  const world = new World().script('do pay', ...Array<'permanent'>(5_000).fill('permanent'));
  const ids = Array.from({ length: 200 }, (_, index) => `many-${index}`);
  await system.harness.withWorkers(world, async () => {
    await Promise.all(ids.map((id) => system.startSaga(id, seq(pivot('pay')))));
    await page.goto(running.url);
    await page.getByRole('heading', { name: /200 stuck at pay/ }).waitFor();
    await page.getByRole('button', { name: 'Help these' }).click();
    const dialog = page.getByRole('dialog');
    await sign('grace', 'the bank is back');
    await dialog.getByLabel(/a second/).fill('50');
    await dialog.getByRole('button', { name: 'Estimate' }).click();
    await dialog.getByText(/200 sagas/).waitFor();
    expect(await stateOf('many-0')).toBe('stuck');
    world.script('do pay');
    await dialog.getByRole('button', { name: 'Start: retry' }).click();
    await page.getByRole('heading', { name: /retry/i }).first().waitFor();
    await page
      .getByText(/\bdone\b/)
      .first()
      .waitFor();
    await until(
      'all to complete',
      async () => {
        const { count } = await system.harness.env.client.workflow.count(
          "WorkflowId STARTS_WITH 'many-' AND ExecutionStatus = 'Completed'",
        );
        return count === 200;
      },
      180_000,
    );
    await page
      .getByText(/200 of 200/)
      .first()
      .waitFor();
    await page.goto(running.url);
    await page.getByText('No saga needs a person.').waitFor();
  });
}, 300_000);

test('texts of sagas are text: no id, reason or message runs as code or leaves its place', async () => {
  const evil = `x"><img src=x onerror="window.hit=1"><script>window.hit=2</script>`;
  // The failure's message has it too: a participant quotes the name of the step.
  const step = 'a<img src=x onerror="window.hit=3">';
  const world = new World().script(`undo ${step}`, ...Array<'permanent'>(50).fill('permanent'));
  await system.harness.withWorkers(world, async () => {
    await system.startSaga(evil, seq(run(step), fail('NO')));
    await system.untilStuck(evil);
    await page.goto(`${running.url}#/saga/${encodeURIComponent(evil)}`);
    await page.getByRole('heading', { name: `Compensation of ${step} is stuck` }).waitFor();
    await page.getByText(`${step} is broken`).first().waitFor();
    await page.getByRole('button', { name: `Skip ${step}` }).click();
    await sign(evil, evil);
    const dialog = page.getByRole('dialog');
    await dialog.getByRole('checkbox').check();
    await dialog.getByRole('button', { name: 'Skip' }).click();
    await dialog.getByText(/no longer stuck/).waitFor();
    await dialog
      .getByRole('button', { name: /^Close/ })
      .last()
      .click();
    await page.getByText('onerror').filter({ visible: true }).nth(2).waitFor();
    for (const path of ['', '#/sagas', '#/map/runProgram', '#/batches']) {
      await page.goto(`${running.url}${path}`);
      await page.getByRole('heading', { level: 1 }).waitFor();
    }
    expect(await page.evaluate(() => (globalThis as { hit?: number }).hit)).toBeUndefined();
    expect(await page.locator('img, main script').count()).toBe(0);
  });
});

describe('a console with a token', () => {
  test('asks for it, refuses another one, and remembers who has logged in', async () => {
    const token = 'a token of sufficient length';
    const guarded = await system.serve({ token });
    await page.goto(guarded.url);
    await page.getByLabel('Token').fill('another token of length');
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByText('TOKEN_MISSING').waitFor();
    await page.getByLabel('Token').fill(token);
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await page.reload();
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    expect(await page.evaluate('document.cookie')).toBe('');
  });

  test('takes it from a link, and removes it from the address', async () => {
    const token = 'a token of sufficient length';
    const guarded = await system.serve({ token });
    await page.goto(`${guarded.url}#token=${encodeURIComponent(token)}`);
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    expect(page.url()).not.toContain('token');
  });
});

describe.each([
  ['light', { colorScheme: 'light', viewport: { width: 1280, height: 900 } }],
  ['dark', { colorScheme: 'dark', viewport: { width: 1280, height: 900 } }],
  ['on a phone', { colorScheme: 'light', viewport: { width: 360, height: 740 } }],
] as const)('%s', (_, options) => {
  test('every view is accessible, and none is wider than the window', async () => {
    const world = new World().script('do pay', ...Array<'permanent'>(50).fill('permanent'));
    await system.harness.withWorkers(world, async () => {
      const sagaId = `seen ${options.colorScheme} ${options.viewport.width}`;
      await system.startSaga(sagaId, seq(run('hold'), pivot('pay'), retriable('ship')));
      await system.untilStuck(sagaId);
      const shown = await openPage(browser, { ...options, bypassCSP: true });
      const views: [string, RegExp][] = [
        ['', /stuck at pay/],
        ['#/sagas', new RegExp(sagaId)],
        [`#/saga/${encodeURIComponent(sagaId)}`, /pay is stuck/],
        ['#/map/runProgram', /ship|pay/],
        ['#/batches', /Batches/],
      ];
      for (const [path, text] of views) {
        await shown.goto(`${running.url}${path}`);
        await shown.getByText(text).filter({ visible: true }).first().waitFor();
        expect({ path, problems: await findAccessibilityProblems(shown) }).toEqual({ path, problems: [] });
        const width = await shown.evaluate<number>('document.documentElement.scrollWidth');
        expect({ path, tooWide: width > options.viewport.width }).toEqual({ path, tooWide: false });
      }
      await shown.goto(`${running.url}#/saga/${encodeURIComponent(sagaId)}`);
      await shown.getByRole('button', { name: 'Resolve pay' }).click();
      await shown.getByRole('dialog').waitFor();
      expect(await findAccessibilityProblems(shown)).toEqual([]);
      await shown.close();
    });
  });
});
