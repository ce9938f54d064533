import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { Client as Postgres } from 'pg';
import { projectRoot } from '../../dev/home';
import { anyPort } from '../../dev/ports';
import { runSupervised, type Supervisor } from '../../dev/supervisor';
import { testServers } from '../../dev/test-servers';
import type { SagaClient } from '../../src/client';
import { timelineSvg } from '../../src/cli/text/timeline-svg';
import { startConsole } from '../../src/console';
import { fulfilment } from '../../services/order/fulfilment';
import type { OrderRequest } from '../../services/order/contract';
import { Faults } from '../fulfilment/faults';
import { openShopSystem, type ShopSystem } from '../fulfilment/shop-system';
import { orderOf } from '../services/shop';
import { localServer } from '../support/temporal';
import { until } from '../support/until';
import { openPage, startBrowser } from './browser';
import { transcript, type Moment } from './transcript';

const pictures = join(projectRoot, 'docs/pictures');
const STUCK = 'order-A19';

/**
 * `npm run docs:pictures`: places orders with real servers, of which one gets stuck at a constraint that is too strict, helps it in
 * the console, and writes what was to be seen to `docs/pictures` and `docs/stuck-order.md`.
 */
void runSupervised(async (supervisor) => await draw(process.env, supervisor));

async function draw(env: NodeJS.ProcessEnv, supervisor: Supervisor): Promise<number> {
  Object.assign(env, await testServers(env, supervisor));
  mkdirSync(pictures, { recursive: true });
  const uiPort = await anyPort();
  const faults = new Faults();
  const system = await openShopSystem(
    'pictures',
    undefined,
    (shop) => faults.wrap(shop),
    localServer([], uiPort),
  );
  const running = await startConsole({
    client: system.client,
    port: 0,
    logDirectory: mkdtempSync(join(tmpdir(), 'unwind-pictures-')),
  });
  const browser = await startBrowser();
  try {
    await placeOrders(system, faults);
    const page = await openPage(browser, { viewport: { width: 1100, height: 760 } });
    await drawWebUi(page, `http://127.0.0.1:${uiPort}`);
    const moments = await help(page, running.url, system);
    await drawOthers(page, running.url, system.client);
    writeFileSync(join(projectRoot, 'docs/stuck-order.md'), transcript(moments));
  } finally {
    await browser.close();
    await running.close();
    await system.close();
  }
  return 0;
}

/** One completes, one is compensated, and when one is to be captured, a constraint has come that rejects it. */
async function placeOrders({ client, shop }: ShopSystem, faults: Faults): Promise<void> {
  const place = async (orderId: string, changed: Partial<OrderRequest> = {}) =>
    await client.start(fulfilment, orderOf(orderId, changed));
  await place('A17');
  await place('A18', { shipTo: { country: 'AQ', postalCode: '00' } });
  await client.waitForClose('order-A17');
  await client.waitForClose('order-A18');
  faults.at(STUCK, 'do capture-payment', {
    when: 'before',
    what: async () =>
      await inPayment(
        shop.urls.payment,
        'ALTER TABLE postings ADD CONSTRAINT posting_limit CHECK (abs(amount) < 1000) NOT VALID',
      ),
  });
  await place('A19', { customerId: 'cust-grace', card: 'card-grace' });
  await until('it to be stuck', async () => (await client.outcome(STUCK)).kind === 'stuck');
}

async function inPayment(url: string, statement: string): Promise<void> {
  const administrator = new URL(process.env['DATABASE_URL'] ?? '');
  administrator.pathname = new URL(url).pathname;
  const postgres = new Postgres({ connectionString: administrator.href });
  await postgres.connect();
  try {
    await postgres.query(statement);
  } finally {
    await postgres.end();
  }
}

/** What an operator does in the console, with the seconds at which it was done. */
async function help(page: Page, url: string, { client, shop }: ShopSystem): Promise<Moment[]> {
  const begun = Date.now();
  const moments: Moment[] = [];
  const shot = async (name: string, text: string) => {
    const seconds = (Date.now() - begun) / 1_000;
    await page.screenshot({ path: join(pictures, `${name}.png`), animations: 'disabled' });
    moments.push({ name, text, seconds });
  };
  const { steps } = await client.report(STUCK);
  const cause = steps.find(({ stuck }) => stuck)?.stuck;
  const says = `\`${cause?.code}\`: ${cause?.message}`;
  writeFileSync(join(pictures, 'timeline-stuck.svg'), timelineSvg(await client.report(STUCK), Date.now()));

  await page.goto(url);
  await page.getByRole('heading', { name: /1 stuck at capture-payment/ }).waitFor();
  await shot('overview', 'The overview names the step and the cause.');
  await page.getByRole('link', { name: 'List this saga' }).click();
  await page.getByRole('link', { name: STUCK }).click();
  await page.getByRole('heading', { name: 'capture-payment is stuck' }).waitFor();
  await shot(
    'stuck',
    `The saga: what has happened, what failed (${says}), when it is tried again, and what can be decided.`,
  );
  await inPayment(shop.urls.payment, 'ALTER TABLE postings DROP CONSTRAINT posting_limit');
  await page.getByRole('button', { name: 'Retry capture-payment' }).click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Who decides').fill('grace');
  await dialog.getByLabel('Why').fill('the limit on postings was a mistake, and is gone');
  await dialog.getByLabel(/ticket/i).fill('OPS-7');
  await shot(
    'decide',
    'The constraint is dropped, and a retry is asked for, with a name, a reason and a ticket.',
  );
  await dialog.getByRole('button', { name: 'Retry' }).click();
  await dialog.getByText('capture-payment is no longer stuck').waitFor();
  await shot('effect', 'The answer is the effect that was seen.');
  await dialog
    .getByRole('button', { name: /^Close/ })
    .last()
    .click();
  await until('it to complete', async () => (await client.outcome(STUCK)).kind === 'completed');
  await page.getByRole('button', { name: 'Reverse this saga' }).waitFor();
  await shot('completed', 'The order is complete; who decided what stays with it.');
  return moments;
}

/** The stuck order, with the Updates that help. */
async function drawWebUi(page: Page, ui: string): Promise<void> {
  await page.goto(`${ui}/namespaces/default/workflows/${STUCK}`);
  await page.getByText('User Metadata').first().click();
  const details = page.frameLocator('#user-metadata-current-details').locator('body');
  await details.getByText('resolveStep').first().waitFor();
  await page.screenshot({ path: join(pictures, 'web-ui.png'), animations: 'disabled' });
}

async function drawOthers(page: Page, url: string, client: SagaClient): Promise<void> {
  const save = async (name: string) =>
    await page.screenshot({ path: join(pictures, `${name}.png`), animations: 'disabled' });
  for (const [name, id] of [
    ['completed', 'order-A17'],
    ['compensated', 'order-A18'],
  ] as const) {
    const report = await client.report(id);
    writeFileSync(join(pictures, `timeline-${name}.svg`), timelineSvg(report, Date.now()));
  }
  await page.goto(`${url}#/saga/order-A18`);
  await page.getByRole('heading', { level: 1, name: 'order-A18' }).waitFor();
  await page.getByText('compensated').first().waitFor();
  await save('compensated');
  await page.goto(`${url}#/map/${fulfilment.workflow}`);
  await page.getByText('capture-payment').filter({ visible: true }).first().waitFor();
  await save('map');
}
