import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Browser, Page } from 'playwright-core';
import { anyPort } from '../../dev/ports';
import { Harness } from '../saga/harness';
import { pivot, retriable, run, seq } from '../saga/program';
import { programSaga } from '../saga/program-workflow';
import { World } from '../saga/world';
import { localServer } from '../support/temporal';
import { until } from '../support/until';
import { openPage, startBrowser } from './browser';

let harness: Harness;
let browser: Browser;
let ui: string;
beforeAll(async () => {
  const port = await anyPort();
  ui = `http://127.0.0.1:${port}/namespaces/default/workflows`;
  harness = await Harness.start(await localServer([], port));
  browser = await startBrowser();
});
afterAll(async () => {
  await browser?.close();
  await harness.stop();
});

/** Sends an Update from the dialog of the Web UI. */
async function sendUpdate(page: Page, name: string, input: object): Promise<void> {
  await page.getByRole('button', { name: 'More Actions' }).click();
  await page.getByRole('menuitem', { name: 'Send an Update' }).click();
  const dialog = page.getByRole('dialog').filter({ hasText: 'Send an Update' });
  await dialog.locator('#update-select').locator('..').click({ force: true });
  await page.getByRole('option', { name: new RegExp(`^${name}`) }).click();
  const data = dialog.getByRole('textbox', { name: 'Data' });
  await data.click();
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.insertText(JSON.stringify(input));
  await data.blur();
  await dialog.getByRole('button', { name: 'Submit' }).click();
}

test('S6 in the Temporal Web UI a stuck saga is found, understood and resolved, and a validator says what is wrong', async () => {
  const world = new World().script('do pay', ...Array<'permanent'>(50).fill('permanent'));
  await harness.withWorkers(world, async () => {
    const sagaId = 'order-7';
    await harness.client.start(
      { ...programSaga, idOf: () => sagaId },
      seq(run('hold'), pivot('pay'), retriable('ship')),
    );
    await until('it to be stuck', async () => (await harness.client.outcome(sagaId)).kind === 'stuck');
    const page = await openPage(browser);

    await page.goto(`${ui}?query=${encodeURIComponent(`SagaStatus = 'STUCK'`)}`);
    await page.getByRole('link', { name: sagaId }).first().click();
    await page.getByText('User Metadata').first().click();
    const details = page.frameLocator('#user-metadata-current-details').locator('body');
    await details.getByText('resolveStep').waitFor();
    const text = await details.innerText();
    expect(text).toMatch(/pay is stuck since .*BROKEN/);
    const [, offered = ''] = /says that it was done by hand:\s*(\{.*\})/.exec(text) ?? [];
    const input = JSON.parse(offered) as object;

    await sendUpdate(page, 'resolveStep', input);
    const dialog = page.getByRole('dialog').filter({ hasText: 'Send an Update' });
    await dialog.getByText('actor must be a text of 1 to 200 characters').first().waitFor();
    await dialog.getByTestId('cancel-modal-button').click();

    await sendUpdate(page, 'resolveStep', {
      ...input,
      actor: 'grace',
      reason: 'paid by phone',
      output: { by: 'hand' },
    });
    await until('it to complete', async () => (await harness.client.outcome(sagaId)).kind === 'completed');
    await page
      .getByText(/completed/i)
      .first()
      .waitFor();
    const { desk } = await harness.client.report(sagaId);
    expect(desk).toMatchObject([{ verb: 'resolve', step: 'pay', actor: 'grace', reason: 'paid by phone' }]);
  });
});
