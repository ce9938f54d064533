import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { choosePort, withPortsHeld } from '../../dev/ports';

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

test('two runs that prefer the same port at the same time each listen on one of their own', async () => {
  const free = await choosePort('UNWIND_UI_PORT', taken);
  const servers = [createServer(), createServer(), createServer()];
  let choosing = 0;
  const ports = await Promise.all(
    servers.map((server) =>
      withPortsHeld(async () => {
        expect(++choosing).toBe(1);
        const port = await choosePort('UNWIND_UI_PORT', free);
        await new Promise<void>((resolve, reject) => {
          server.once('error', reject).listen(port, '127.0.0.1', resolve);
        });
        choosing--;
        return port;
      }),
    ),
  );
  expect(new Set(ports).size).toBe(3);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
});
