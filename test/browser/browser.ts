import { readFileSync } from 'node:fs';
import type { AxeResults } from 'axe-core';
import { type Browser, chromium, type Page } from 'playwright-core';

/** Starts the browser of the tests. @throws Error when there is none */
export async function startBrowser(): Promise<Browser> {
  const executablePath = process.env['UNWIND_BROWSER'];
  if (!executablePath)
    throw new Error(
      'there is no Chromium for the browser tests: install it (Debian: apt-get install chromium), or set UNWIND_BROWSER to its path',
    );
  // As root, as in a container, Chromium has no sandbox.
  return await chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] });
}

/** Opens a page that fails the test when its code does. */
export async function openPage(
  browser: Browser,
  options: Parameters<Browser['newPage']>[0] = {},
): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, ...options });
  page.setDefaultTimeout(60_000);
  return page;
}

/** What axe finds on a page: rule by rule, with where it is. */
export async function findAccessibilityProblems(page: Page): Promise<string[]> {
  await page.addScriptTag({ content: readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8') });
  return await page.evaluate(async () => {
    const { axe } = globalThis as unknown as { axe: { run(): Promise<AxeResults> } };
    const { violations } = await axe.run();
    return violations.flatMap(({ id, help, nodes }) =>
      nodes.map(({ target }) => `${id}: ${help}: ${target.join(' ')}`),
    );
  });
}
