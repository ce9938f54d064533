import { describe, expect, test } from '@jest/globals';
import { readPlacements } from '../../src/worker/placements';
import { readStackSettings } from '../../dev/config';
import { SetupError } from '../../src/worker/setup-error';
import { targetFromSettings } from '../../src/worker/temporal-connection';
import { readWorkerSettings } from '../../src/worker/worker-limits';

const url = 'postgres://order:secret@127.0.0.1:5432/order';

function refusalOf(read: () => unknown): SetupError {
  try {
    read();
  } catch (error) {
    if (error instanceof SetupError) return error;
    throw error;
  }
  throw new Error('the settings were accepted');
}

describe('the settings of an installation', () => {
  test('absent or empty settings ask for embedded databases on any port', () => {
    const settings = readStackSettings({ DATABASE_URL: '', UNWIND_UI_PORT: '' });
    expect(settings).toEqual({ databases: { kind: 'embedded' }, ports: {} });
    expect(Object.isFrozen(settings)).toBe(true);
  });

  test('every problem is named at once, and no password is shown', () => {
    const refusal = refusalOf(() =>
      readStackSettings({
        DATABASE_URL: 'mysql://root:secret@localhost/shop',
        ORDER_DATABASE_URL: url,
        UNWIND_TEMPORAL_PORT: '70000',
        UNWIND_UI_PORT: 'eighty',
      }),
    );
    expect(refusal.code).toBe('INVALID_SETTING');
    expect(refusal.message).toContain('DATABASE_URL must be a postgres:// URL');
    expect(refusal.message).toContain('PAYMENT_DATABASE_URL, INVENTORY_DATABASE_URL, SHIPPING_DATABASE_URL');
    expect(refusal.message).toContain(
      'UNWIND_TEMPORAL_PORT must be a whole number from 1 to 65535; it is "70000"',
    );
    expect(refusal.message).toContain(
      'UNWIND_UI_PORT must be a whole number from 1 to 65535; it is "eighty"',
    );
    expect(refusal.message).not.toContain('secret');
  });

  test('four databases win over the administrator’s', () => {
    const given = {
      ORDER_DATABASE_URL: url,
      PAYMENT_DATABASE_URL: url,
      INVENTORY_DATABASE_URL: url,
      SHIPPING_DATABASE_URL: url,
    };
    expect(readStackSettings({ ...given, DATABASE_URL: url }).databases.kind).toBe('given');
    expect(readStackSettings({ DATABASE_URL: url }).databases).toEqual({ kind: 'admin', url });
  });
});

const roomy = { heapMb: 1_000, totalMb: 16_000 };

describe('the settings of a worker', () => {
  test('a limit of its own wins over the general one, which wins over the default', () => {
    const env = { ORDER_DATABASE_URL: url, ORDER_MAX_ACTIVITIES: '7', UNWIND_MAX_ACTIVITIES: '9' };
    const { order, orchestrator } = readWorkerSettings(['order', 'orchestrator'], env, roomy);
    expect(order).toMatchObject({ maxActivities: 7, poolSize: 7, databaseUrl: url });
    expect(orchestrator).toMatchObject({ maxActivities: 9, maxCachedWorkflows: 2000, databaseUrl: '' });
  });

  test('B10 statements are prepared only where that is asked for', () => {
    const read = (env: object) =>
      readWorkerSettings(['order'], { ORDER_DATABASE_URL: url, ...env }).order.preparedStatements;
    expect(read({})).toBe(false);
    expect(read({ UNWIND_PREPARED_STATEMENTS: 'true' })).toBe(true);
    expect(read({ UNWIND_PREPARED_STATEMENTS: 'true', ORDER_PREPARED_STATEMENTS: 'false' })).toBe(false);
    expect(refusalOf(() => read({ ORDER_PREPARED_STATEMENTS: 'yes' })).message).toContain(
      'ORDER_PREPARED_STATEMENTS must be true or false',
    );
  });

  test('an empty value counts as absent, also where none is wanted', () => {
    const { orchestrator } = readWorkerSettings(['orchestrator'], { ORCHESTRATOR_DATABASE_URL: '' });
    expect(orchestrator.databaseUrl).toBe('');
  });

  test('a pool smaller than the activities at once is refused', () => {
    const env = { ORDER_DATABASE_URL: url, ORDER_MAX_ACTIVITIES: '10', UNWIND_POOL_SIZE: '9' };
    expect(refusalOf(() => readWorkerSettings(['order'], env)).message).toContain(
      'UNWIND_POOL_SIZE must be at least ORDER_MAX_ACTIVITIES, which is 10; it is "9"',
    );
  });

  test.each([
    [
      'more tasks at once than are cached',
      { UNWIND_MAX_CACHED_WORKFLOWS: '20', ORCHESTRATOR_MAX_WORKFLOW_TASKS: '21' },
    ],
    ['a cache beyond half of the heap', { ORCHESTRATOR_MAX_CACHED_WORKFLOWS: '5001' }],
    [
      'a pool smaller than what an orchestrator asks of it',
      { UNWIND_PLACEMENTS: 'fulfilOrder=express', ORCHESTRATOR_MAX_ACTIVITIES: '21', ORDER_POOL_SIZE: '20' },
    ],
  ])('%s is refused, and both settings are named', (_, env) => {
    const read = () =>
      readWorkerSettings(['orchestrator', 'order'], { ORDER_DATABASE_URL: url, ...env }, roomy);
    const { code, message } = refusalOf(read);
    expect(code).toBe('INVALID_SETTING');
    for (const setting of Object.keys(env)) expect(message).toContain(setting);
    expect(message).toMatch(/at least [A-Z_]+, which is 21|--max-old-space-size/);
  });

  test('limits that just fit are accepted, and a small cache lowers the tasks at once by itself', () => {
    const read = (env: object) => readWorkerSettings(['orchestrator'], { ...env }, roomy).orchestrator;
    expect(read({ UNWIND_MAX_CACHED_WORKFLOWS: '5000' })).toMatchObject({ maxWorkflowTasks: 40 });
    expect(read({ UNWIND_MAX_CACHED_WORKFLOWS: '20' })).toMatchObject({ maxWorkflowTasks: 20 });
    expect(read({ UNWIND_MAX_CACHED_WORKFLOWS: '0' })).toMatchObject({ maxWorkflowTasks: 40 });
  });

  test('the cache is smaller by default where half of the heap does not hold 2,000 workflows', () => {
    const read = (heapMb: number) =>
      readWorkerSettings(['orchestrator'], {}, { ...roomy, heapMb }).orchestrator;
    expect(read(400)).toMatchObject({ maxCachedWorkflows: 2000, maxWorkflowTasks: 40 });
    expect(read(399)).toMatchObject({ maxCachedWorkflows: 1995 });
    expect(read(64)).toMatchObject({ maxCachedWorkflows: 320 });
  });

  test('a container with little memory has a smaller cache by default, and refuses a larger one', () => {
    const read = (totalMb: number, env = {}) =>
      readWorkerSettings(['orchestrator'], env, { ...roomy, totalMb }).orchestrator;
    expect(read(1_024)).toMatchObject({ maxCachedWorkflows: 2000 });
    expect(read(512)).toMatchObject({ maxCachedWorkflows: 780, maxWorkflowTasks: 40 });
    expect(read(128)).toMatchObject({ maxCachedWorkflows: 0 });
    expect(read(512, { ORCHESTRATOR_MAX_CACHED_WORKFLOWS: '780' }).maxCachedWorkflows).toBe(780);
    const { code, message } = refusalOf(() => read(512, { ORCHESTRATOR_MAX_CACHED_WORKFLOWS: '781' }));
    expect(code).toBe('INVALID_SETTING');
    expect(message).toContain(
      'ORCHESTRATOR_MAX_CACHED_WORKFLOWS must be at most 780, which take what the process leaves of the 512 MB of its container or machine; it is "781"',
    );
  });

  test('every problem of every worker is named at once, by the setting that caused it', () => {
    const env = { ORDER_DATABASE_URL: 'x', UNWIND_SHUTDOWN_GRACE_MS: '-1', PAYMENT_METRICS_ADDRESS: '9464' };
    const { code, message } = refusalOf(() => readWorkerSettings(['order', 'payment'], env));
    expect(code).toBe('INVALID_SETTING');
    for (const part of [
      'ORDER_DATABASE_URL',
      'PAYMENT_DATABASE_URL',
      'UNWIND_SHUTDOWN_GRACE_MS',
      'PAYMENT_METRICS_ADDRESS',
    ]) {
      expect(message).toContain(part);
    }
  });
});

describe('the placement of sagas', () => {
  test('is read by workflow', () => {
    expect(readPlacements({ UNWIND_PLACEMENTS: 'fulfilOrder=express, other = saga-queue' })).toEqual({
      fulfilOrder: 'express',
      other: 'saga-queue',
    });
    expect(readPlacements({ UNWIND_PLACEMENTS: '' })).toEqual({});
  });

  test.each(['express', 'fulfilOrder=fast', '=express'])('%s is refused', (wrong) => {
    expect(() => readPlacements({ UNWIND_PLACEMENTS: wrong })).toThrow(
      expect.objectContaining({ code: 'INVALID_SETTING' }),
    );
  });
});

test('an empty setting of the Temporal server counts as unset', () => {
  const empty = { TEMPORAL_NAMESPACE: '', TEMPORAL_API_KEY: '', TEMPORAL_PROFILE: '' };
  const target = targetFromSettings({ TEMPORAL_ADDRESS: 'there:7233', ...empty });
  expect(target).toEqual(targetFromSettings({ TEMPORAL_ADDRESS: 'there:7233' }));
  expect(target).toMatchObject({ address: 'there:7233', namespace: 'default' });
});
