import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { projectRoot } from '../../dev/home';
import { readWorkerSettings } from '../../src/worker';

/** The default of each setting in the tables of docs/configuration.md, by name. */
const defaults = new Map(
  [
    ...readFileSync(join(projectRoot, 'docs/configuration.md'), 'utf8').matchAll(
      /^\| `([A-Z_]+)` +\| ([^|]*?) +\|/gm,
    ),
  ].map(([, name = '', value = '']) => [name, value]),
);

describe('docs/configuration.md gives the defaults of a worker', () => {
  const { order, orchestrator } = readWorkerSettings(
    ['order', 'orchestrator'],
    { ORDER_DATABASE_URL: 'postgres://order@127.0.0.1/order' },
    { heapMb: 1_000, totalMb: 16_000 },
  );
  const firstNumber = (text = '') => Number(/^\d+/.exec(text)?.[0]);

  test.each([
    ['MAX_ACTIVITIES', order.maxActivities],
    ['SHUTDOWN_GRACE_MS', order.shutdownGraceMs],
    ['MAX_STATEMENT_MS', order.maxStatementMs],
    ['MAX_CACHED_WORKFLOWS', orchestrator.maxCachedWorkflows],
    ['MAX_WORKFLOW_TASKS', orchestrator.maxWorkflowTasks],
  ])('%s is %s', (name, value) => expect(firstNumber(defaults.get(name))).toBe(value));

  test('those that are not set by default', () => {
    expect(order.metricsAddress).toBeUndefined();
    expect(orchestrator.workflowBundle).toBeUndefined();
    expect([defaults.get('METRICS_ADDRESS'), defaults.get('WORKFLOW_BUNDLE')]).toEqual(['off', 'none']);
    expect(defaults.get('LOG_LEVEL')).toBe(`\`${order.logLevel}\``);
    expect(defaults.get('PREPARED_STATEMENTS')).toBe(`\`${order.preparedStatements}\``);
  });
});
