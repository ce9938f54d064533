import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readOrder } from '../../cli/order/order-file';
import { readOrders } from '../../cli/start/example-orders';
import { SetupError } from '../../src/worker/setup-error';
import { orderRequest } from '../../services/order/schema';
import { orderOf } from '../services/shop';
import { spoiled, strangeNumber, strangeText, strangeValue } from '../support/strange';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'unwind-orders-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** Reads what a file holds, as the command line does before it connects to anything. */
function reading<T>(read: (path: string) => T, content: string): T | SetupError {
  const path = join(directory, 'order.json');
  writeFileSync(path, content);
  try {
    return read(path);
  } catch (error) {
    if (error instanceof SetupError) return error;
    throw error;
  }
}

function expectRefused(answer: unknown): void {
  expect(answer).toBeInstanceOf(SetupError);
  expect((answer as SetupError).code).toBe('INVALID_ORDERS');
  expect((answer as SetupError).message.length).toBeLessThan(20_000);
}

describe('an order file', () => {
  const good = orderOf('order-1');

  test('that fits is read as it is, whatever order its fields have', () => {
    const id = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$/);
    const order = fc.record({
      orderId: id,
      customerId: id,
      card: id,
      lines: fc.uniqueArray(fc.record({ sku: id, quantity: fc.integer({ min: 1, max: 10_000 }) }), {
        minLength: 1,
        maxLength: 100,
        selector: ({ sku }) => sku,
      }),
      shipTo: fc.record({ country: fc.stringMatching(/^[A-Z]{2}$/), postalCode: fc.constant('10115') }),
    });
    fc.assert(
      fc.property(order, (request) => {
        expect(reading(readOrder, JSON.stringify(request))).toEqual(request);
      }),
    );
  });

  test('with one thing wrong is refused', () => {
    fc.assert(
      fc.property(spoiled(good), (wrong) => {
        const json = JSON.stringify(wrong);
        const answer = reading(readOrder, json);
        // A strange text may be a proper id after all; then it is read as it is.
        if (orderRequest.safeParse(JSON.parse(json)).success) expect(answer).toEqual(JSON.parse(json));
        else expectRefused(answer);
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    ['a quantity', (quantity: unknown) => ({ ...good, lines: [{ sku: 'sku-tea', quantity }] })],
    [
      'a quantity beside a good one',
      (quantity: unknown) => ({ ...good, lines: [...good.lines, { sku: 'x', quantity }] }),
    ],
  ])('with %s that is none is refused', (_, spoil) => {
    fc.assert(
      fc.property(strangeNumber, (quantity) =>
        expectRefused(reading(readOrder, JSON.stringify(spoil(quantity)))),
      ),
    );
  });

  test('that names a product twice, a price, or a polluting key is refused', () => {
    const twice = { ...good, lines: [good.lines[0], good.lines[0]] };
    expectRefused(reading(readOrder, JSON.stringify(twice)));
    expectRefused(reading(readOrder, JSON.stringify({ ...good, total: { amount: 1, currency: 'EUR' } })));
    expectRefused(reading(readOrder, `{"__proto__":{"polluted":1},${JSON.stringify(good).slice(1)}`));
    expect({}).not.toHaveProperty('polluted');
  });

  test('that is no JSON, or any other JSON, is refused', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          strangeText,
          strangeValue.map((value) => JSON.stringify(value) ?? ''),
        ),
        (content) => {
          expectRefused(reading(readOrder, content));
          expectRefused(reading(readOrders, content));
        },
      ),
      { numRuns: 500 },
    );
  });

  test('with very much wrong is refused in a few words', () => {
    const lines = Array.from({ length: 100_000 }, () => ({ sku: '', quantity: 0 }));
    expectRefused(reading(readOrder, JSON.stringify({ ...good, lines })));
    const keys = Object.fromEntries(lines.map((_, index) => [`field${index}`, index]));
    expectRefused(reading(readOrder, JSON.stringify({ ...good, ...keys })));
    const orders = lines.slice(0, 5_000).map((order, index) => ({ name: `order-${index}`, order }));
    expectRefused(reading(readOrders, JSON.stringify(orders)));
  });
});
