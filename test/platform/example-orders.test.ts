import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readOrders } from '../../cli/start/example-orders';
import { projectRoot } from '../../dev/home';

let directory: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'unwind-orders-'));
});

afterAll(() => rmSync(directory, { recursive: true }));

function file(content: unknown): string {
  const path = join(directory, 'orders.json');
  writeFileSync(path, JSON.stringify(content));
  return path;
}

const order = {
  customerId: 'cust-ada',
  card: 'card-ada',
  lines: [{ sku: 'sku-tea', quantity: 1 }],
  shipTo: { country: 'DE', postalCode: '10115' },
};

test('the shipped examples are valid, and an order without an id gets a new one each time', () => {
  const path = join(projectRoot, 'examples/orders/orders.json');
  const first = readOrders(path, 1);
  const second = readOrders(path, 2);
  expect(first.length).toBeGreaterThanOrEqual(10);
  const ids = [...first, ...second].map((each) => each.order.orderId);
  expect(new Set(ids).size).toBe(ids.length);
});

test('an order that has an id keeps it', () => {
  const [placed] = readOrders(file([{ name: 'tea', order: { ...order, orderId: 'mine' } }]));
  expect(placed?.order.orderId).toBe('mine');
});

test('INVALID_ORDERS names every problem by its place', () => {
  const broken = { ...order, lines: [], shipTo: { country: 'Germany', postalCode: '10115' } };
  expect(() => readOrders(file([{ name: 'tea', order: broken, whileWaiting: 'shout' }]))).toThrow(
    expect.objectContaining({
      code: 'INVALID_ORDERS',
      message: expect.stringMatching(/0\.order\.lines[\s\S]*0\.order\.shipTo\.country[\s\S]*0\.whileWaiting/),
    }),
  );
});
