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
  page.setDefaultTimeout(20_000);
  return page;
}
