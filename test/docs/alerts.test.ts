import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { transformSync } from '@swc/core';
import { Command } from 'commander';
import { expect, test } from '@jest/globals';
import { projectRoot } from '../../dev/home';
import { alertKinds, webhookFormats } from '../../src/alerts';
import { keyOfSecret, signedHeaders } from '../../src/alerts/signature';
import { addSagaCommands } from '../../src/cli/program';
import type { Session } from '../../src/cli/session';

const read = (file: string) => readFileSync(join(projectRoot, file), 'utf8');
const page = read('docs/alerts.md');

/** The first cells of the rows of the table whose head begins so. */
function rowsOf(head: string): string[] {
  const table = page.split(`| ${head}`)[1]?.split('\n\n')[0] ?? '';
  return [...table.matchAll(/^\| `([^`]+)`/gm)].map(([, cell = '']) => cell);
}

function optionsOf(name: string): string[] {
  const declaration = new RegExp(`export interface ${name} \\{(.*?)\\n\\}`, 's').exec(
    read('api/alerts.api.md'),
  );
  return [...(declaration?.[1]?.matchAll(/readonly (\w+)\??:/g) ?? [])].map(([, option = '']) => option);
}

test('docs/alerts.md explains each kind of alert, and no other', () => {
  expect(rowsOf('kind')).toEqual(alertKinds);
});

test.each([
  ['WatchOptions', 'option of `watchSagas`'],
  ['WebhookOptions', 'option of `postAlerts`'],
])('it names every option of %s, and no other', (name, head) => {
  expect(optionsOf(name).length).toBeGreaterThan(5);
  expect(rowsOf(head).toSorted()).toEqual(optionsOf(name).toSorted());
});

test('it names every option and setting of the command, and each format', () => {
  const program = new Command('unwind');
  addSagaCommands(program, {} as Session, []);
  const watch = program.commands.find((command) => command.name() === 'watch');
  const options = watch?.options.map(({ long }) => long ?? '') ?? [];
  expect(rowsOf('option of `unwind watch`').toSorted()).toEqual([...options, '--json'].toSorted());
  const settings = [...read('src/cli/commands/watch.ts').matchAll(/'(UNWIND_\w+)'/g)].map(
    ([, each = '']) => each,
  );
  expect(rowsOf('setting').toSorted()).toEqual(settings.toSorted());
  for (const format of webhookFormats) expect(page).toContain(`\`${format}\``);
});

test('its receiver accepts what is signed, and nothing that was changed, is old, or has no signature', () => {
  const code = /```ts\n(import \{ createHmac.*?)```/s.exec(page)?.[1] ?? '';
  const script = transformSync(code, {
    jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
    module: { type: 'commonjs' },
  });
  const module: { isSigned?: (headers: object, body: string, secret: string) => boolean } = {};
  // oxlint-disable-next-line typescript/no-implied-eval -- the code of the page
  new Function('exports', 'require', script.code)(module, require);
  const isSigned = module.isSigned ?? (() => undefined);
  const secret = `whsec_${Buffer.alloc(32, 5).toString('base64')}`;
  const headers = (at: number) => signedHeaders(keyOfSecret(secret), 'alert_1', at, '{"a":1}');
  const now = headers(Date.now());
  expect(isSigned(now, '{"a":1}', secret)).toBe(true);
  expect(isSigned(now, '{"a":2}', secret)).toBe(false);
  expect(isSigned({ ...now, 'webhook-id': 'alert_2' }, '{"a":1}', secret)).toBe(false);
  expect(isSigned(headers(Date.now() - 400_000), '{"a":1}', secret)).toBe(false);
  expect(isSigned({}, '{"a":1}', secret)).toBe(false);
});
