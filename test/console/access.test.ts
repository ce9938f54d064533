import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { RunningConsole } from '../../src/console';
import { ask, ConsoleHarness } from './harness';

const token = 'a token of sufficient length';
let system: ConsoleHarness;
let open: RunningConsole;
let guarded: RunningConsole;
beforeAll(async () => {
  system = await ConsoleHarness.start();
  open = await system.serve();
  guarded = await system.serve({ token });
});
afterAll(() => system.stop());

/** What `fetch` does not let a program send: the headers that a browser sets. */
function askAs({ url }: RunningConsole, path: string, headers: Record<string, string>, method = 'GET') {
  return new Promise<{ status: number | undefined; body: string }>((resolve, reject) => {
    const asked = request(new URL(path, url), { method, headers }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => (body += text));
      response.on('end', () => resolve({ status: response.statusCode, body }));
    });
    asked.on('error', reject);
    asked.end(method === 'POST' ? '{}' : undefined);
  });
}

describe('a console with a token', () => {
  test.each([
    '/api/overview',
    '/api/sagas',
    '/api/sagas/x',
    '/api/sagas/x/payloads',
    '/api/maps/x',
    '/api/batches',
    '/api/live',
  ])('tells nobody without it about %s', async (path) => {
    expect(await ask(guarded, path)).toMatchObject({ status: 401, body: { code: 'TOKEN_MISSING' } });
  });

  test.each(['/api/sagas/x/acts', '/api/batches', '/api/batches/estimate', '/api/batches/x/cancel'])(
    'does nothing for nobody without it: %s',
    async (path) => {
      expect(await ask(guarded, path, { body: {} })).toMatchObject({
        status: 401,
        body: { code: 'TOKEN_MISSING' },
      });
    },
  );

  test('takes it as a bearer token, and once for a session that holds no token', async () => {
    const bearer = { authorization: `Bearer ${token}` };
    expect(await ask(guarded, '/api/batches', { headers: bearer })).toMatchObject({ status: 200 });
    const login = await ask(guarded, '/api/login', { body: { token } });
    expect(login.status).toBe(204);
    const cookie = login.headers.get('set-cookie') ?? '';
    expect(cookie).toMatch(/HttpOnly/);
    expect(cookie).toMatch(/SameSite=Strict/);
    expect(decodeURIComponent(cookie)).not.toContain(token);
    const [session = ''] = cookie.split(';');
    expect(await ask(guarded, '/api/batches', { headers: { cookie: session } })).toMatchObject({
      status: 200,
    });
  });

  test.each(['', 'another token of that length', `${token}x`])('refuses another one: "%s"', async (given) => {
    expect(await ask(guarded, '/api/login', { body: { token: given } })).toMatchObject({
      status: 401,
      body: { code: 'TOKEN_MISSING' },
    });
    const headers = {
      authorization: `Bearer ${given}`,
      cookie: `unwind_console=${encodeURIComponent(given)}`,
    };
    expect(await ask(guarded, '/api/batches', { headers })).toMatchObject({ status: 401 });
  });

  test.each([
    ['none, for other machines', { host: '0.0.0.0' }],
    ['a short one', { token: 'short' }],
    ['an empty one', { token: '' }],
  ])('is not started with %s', async (_, options) => {
    await expect(system.serve(options)).rejects.toMatchObject({ code: 'TOKEN_NEEDED' });
  });
});

describe('another site', () => {
  const act = '/api/sagas/nobody/acts';
  const own = () => ({
    host: new URL(open.url).host,
    'x-unwind-console': '1',
    'content-type': 'application/json',
  });

  test('the page itself may ask', async () => {
    const { host } = new URL(open.url);
    const { body } = await askAs(open, act, { ...own(), origin: `http://${host}` }, 'POST');
    expect(body).toContain('REQUEST_INVALID');
  });

  test.each([
    ['a form of it posts', { 'x-unwind-console': undefined, origin: 'http://evil.example' }],
    ['a form without an origin posts', { 'x-unwind-console': undefined }],
    ['a script of it posts', { origin: 'http://evil.example' }],
    ['a sandboxed frame of it posts', { origin: 'null' }],
    ['a page at another port posts', { origin: 'http://127.0.0.1:1' }],
    ['its name leads here (DNS rebinding)', { host: 'evil.example', origin: 'http://evil.example' }],
  ])('%s: refused, and nothing is done', async (_, headers) => {
    const sent = Object.entries({ ...own(), ...headers }).filter((entry): entry is [string, string] =>
      Boolean(entry[1]),
    );
    const { status, body } = await askAs(open, act, Object.fromEntries(sent), 'POST');
    expect({ status, code: (JSON.parse(body) as { code: string }).code }).toEqual({
      status: 403,
      code: 'ORIGIN_REFUSED',
    });
  });

  test.each([
    ['by a name of its own', { host: 'evil.example' }],
    ['across sites', { 'sec-fetch-site': 'cross-site' }],
  ])('cannot read %s', async (_, headers) => {
    expect(await askAs(open, '/api/batches', headers)).toMatchObject({ status: 403 });
  });

  test('cannot frame the page, and the page loads nothing from elsewhere', async () => {
    const { headers } = await ask(open, '/');
    const policy = headers.get('content-security-policy') ?? '';
    for (const part of [
      "default-src 'none'",
      "script-src 'self'",
      "frame-ancestors 'none'",
      "base-uri 'none'",
    ])
      expect(policy).toContain(part);
    expect(policy).not.toMatch(/unsafe|\*/);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('access-control-allow-origin')).toBeNull();
  });
});
