import { once } from 'node:events';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { serviceNames } from '../../services/names';
import { orderOf } from '../services/shop';
import { members, Troupe } from './troupe';

let troupe: Troupe;
beforeEach(async () => {
  troupe = await Troupe.open('killed');
});
afterEach(async () => {
  await troupe.expectAllWell();
  await troupe.close();
});

test.each(serviceNames)(
  'a process of %s that is killed between its commit and the end of its job',
  async (name) => {
    await troupe.start(...members.filter((one) => one !== name));
    const child = await troupe.spawn(name, 'test/choreography/killed-after-commit.ts');
    const exited = once(child, 'exit');
    const away = { shipTo: { country: 'AQ', postalCode: '00' } };
    // The order service has something to do for this order when it is confirmed, and for the other one when it is closed.
    await troupe.desk.place(orderOf('good'));
    expect(await exited).toEqual([null, 'SIGKILL']);
    await troupe.desk.place(orderOf('refused', away));
    await troupe.start(name);
    expect(await troupe.desk.ended('good')).toMatchObject({ ended: 'completed' });
    expect(await troupe.desk.ended('refused')).toMatchObject({ reason: 'UNDELIVERABLE' });
  },
);
