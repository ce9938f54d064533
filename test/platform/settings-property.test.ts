import { workerKinds } from '../../services/names';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readStackSettings } from '../../dev/config';
import { readPlacements } from '../../src/worker/placements';
import { SetupError } from '../../src/worker/setup-error';
import { targetFromSettings } from '../../src/worker/temporal-connection';
import { readWorkerSettings } from '../../src/worker/worker-limits';
import { provisionedUrls } from '../../services/provision';
import { placements } from '../../src/saga/memo';
import { strangeText } from '../support/strange';

const url = 'postgres://order:secret@127.0.0.1:5432/order';

/** What an environment can hold: no U+0000, and texts that nearly are what is wanted. */
const value = fc.oneof(
  strangeText.map((text) => text.replaceAll('\0', '').toWellFormed()),
  fc.constantFrom(
    '0',
    '1',
    '7',
    '20',
    '65535',
    '65536',
    '-1',
    '1e3',
    '0x10',
    ' 7',
    '7 ',
    '5.0',
    '+5',
    'Infinity',
  ),
  fc.constantFrom(
    url,
    'postgres://u:%zz@h/db',
    'mysql://h/db',
    'postgres:',
    'http://h',
    'javascript:alert(1)',
  ),
  fc.constantFrom('__proto__', 'constructor', 'toString'),
  fc.constantFrom('localhost:9464', '127.0.0.1:9464', '[::1]:9464', '127.0.0.1:99999', ':1', '0.0.0.0:0'),
  fc.constantFrom('fulfilOrder=express', 'a=express=b', 'a=express,a=participants', '=express', ',,', 'a=b'),
);

/** Reads settings: an answer, or a refusal that says INVALID_SETTING and no password. */
function reading<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    expect(error).toBeInstanceOf(SetupError);
    expect(error).toMatchObject({ code: 'INVALID_SETTING' });
    expect((error as SetupError).message).not.toContain('secret');
    return undefined;
  }
}

const settings = (names: readonly string[]) =>
  fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 4 }) as fc.Arbitrary<Record<string, string>>;

describe('settings are accepted as they are written, or refused with INVALID_SETTING', () => {
  test('those of an installation', () => {
    const names = [
      ...['DATABASE_URL', 'ORDER_DATABASE_URL', 'PAYMENT_DATABASE_URL', 'INVENTORY_DATABASE_URL'],
      ...[
        'SHIPPING_DATABASE_URL',
        'UNWIND_TEMPORAL_PORT',
        'UNWIND_UI_PORT',
        'UNWIND_POSTGRES_PORT',
        'UNWIND_UI_URL',
      ],
    ];
    fc.assert(
      fc.property(settings(names), (env) => {
        const read = reading(() => readStackSettings(env));
        if (!read) return;
        const ports = { temporal: 'TEMPORAL', ui: 'UI', postgres: 'POSTGRES' } as const;
        for (const [port, name] of Object.entries(ports))
          if (env[`UNWIND_${name}_PORT`])
            expect(String(read.ports[port as keyof typeof ports])).toBe(env[`UNWIND_${name}_PORT`]);
        expect(read.uiUrl ?? 'https:').toMatch(/^https?:/);
        // What is accepted can be used: the services' URLs are derived from it.
        if (read.databases.kind === 'admin' && new URL(read.databases.url).password !== '')
          expect(Object.keys(provisionedUrls(read.databases.url))).toHaveLength(4);
      }),
      { numRuns: 500 },
    );
  });

  test('those of the workers', () => {
    const limits = [
      'MAX_ACTIVITIES',
      'POOL_SIZE',
      'MAX_STATEMENT_MS',
      'MAX_WORKFLOW_TASKS',
      'MAX_CACHED_WORKFLOWS',
    ];
    const names = ['UNWIND', 'ORDER', 'ORCHESTRATOR'].flatMap((of) =>
      [...limits, 'SHUTDOWN_GRACE_MS', 'LOG_LEVEL', 'METRICS_ADDRESS'].map((name) => `${of}_${name}`),
    );
    const urls = Object.fromEntries(workerKinds.map((kind) => [`${kind.toUpperCase()}_DATABASE_URL`, url]));
    let accepted = 0;
    fc.assert(
      fc.property(settings(names), (env) => {
        const read = reading(() => readWorkerSettings(workerKinds, { ...urls, ...env }));
        if (!read) return;
        accepted += 1;
        const { order } = read;
        expect(order.poolSize).toBeGreaterThanOrEqual(order.maxActivities);
        const given = env['ORDER_MAX_ACTIVITIES'] || env['UNWIND_MAX_ACTIVITIES'];
        if (given) expect(String(order.maxActivities)).toBe(given);
        expect(order.metricsAddress ?? '1.1.1.1:1').toMatch(/^([\d.]+|\[[\da-f:]+\]):\d+$/);
      }),
      { numRuns: 500 },
    );
    expect(accepted).toBeGreaterThan(20);
  });

  test('the placements', () => {
    fc.assert(
      fc.property(fc.array(value, { maxLength: 3 }), (parts) => {
        const read = reading(() => readPlacements({ UNWIND_PLACEMENTS: parts.join(',') }));
        if (!read) return;
        expect(Object.values(read).every((placement) => placements.includes(placement))).toBe(true);
        // Nothing that was said is passed over.
        const said = parts
          .join(',')
          .split(',')
          .filter((part) => part.trim() !== '');
        expect(Object.entries(read).map((pair) => pair.join('='))).toEqual(
          said.map((part) =>
            part
              .split('=')
              .map((word) => word.trim())
              .join('='),
          ),
        );
      }),
      { numRuns: 500 },
    );
  });

  test('those of the Temporal server', () => {
    const names = [
      'TEMPORAL_ADDRESS',
      'TEMPORAL_NAMESPACE',
      'TEMPORAL_TLS',
      'TEMPORAL_API_KEY',
      'TEMPORAL_PROFILE',
    ];
    fc.assert(
      fc.property(settings(names), (env) => {
        const target = reading(() => targetFromSettings(env));
        if (target) expect(target.address).toBe(env['TEMPORAL_ADDRESS']);
        expect(Object.keys(Object.prototype)).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });
});
