import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Hono } from 'hono';
import { ConsoleError } from './console-error';

const FILES = [
  ['index.html', 'text/html; charset=utf-8'],
  ['app.js', 'text/javascript; charset=utf-8'],
  ['app.css', 'text/css; charset=utf-8'],
] as const;

/** Where the page is built to (`dev/build-console.mjs`). */
const PLACE = join(__dirname, 'page');

/** Serves the page, which needs no login: it asks for one. @throws ConsoleError `PAGE_NOT_BUILT` */
export function servePage(app: Hono): void {
  if (!FILES.every(([name]) => existsSync(join(PLACE, name))))
    throw new ConsoleError('PAGE_NOT_BUILT', `the page of the console is not in ${PLACE}`);
  for (const [name, type] of FILES) {
    const body = readFileSync(join(PLACE, name), 'utf8');
    app.get(name === 'index.html' ? '/' : `/${name}`, (context) =>
      context.body(body, 200, { 'content-type': type, 'cache-control': 'no-cache' }),
    );
  }
}
