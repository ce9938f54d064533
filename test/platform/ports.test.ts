import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { choosePort } from '../../dev/ports';

const other = createServer();
let taken: number;

beforeAll(async () => {
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  taken = (other.address() as AddressInfo).port;
});

afterAll(async () => {
  await new Promise((resolve) => other.close(resolve));
});

test('a preferred port that is taken gives another one', async () => {
  const port = await choosePort('UNWIND_UI_PORT', taken);
  expect(port).not.toBe(taken);
  expect(await choosePort('UNWIND_UI_PORT', port)).toBe(port);
});

test('a port that a setting asks for is that port or PORT_TAKEN', async () => {
  await expect(choosePort('UNWIND_UI_PORT', 8233, taken)).rejects.toMatchObject({
    code: 'PORT_TAKEN',
    message: expect.stringContaining(`UNWIND_UI_PORT asks for port ${taken}`),
  });
});
