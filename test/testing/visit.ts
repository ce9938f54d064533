import {
  type Action,
  type Compensation,
  compensatable,
  defineSaga,
  participant,
  pivot,
  readOnly,
  retriable,
} from '../../src/saga';

/** The steps of a small saga, and of some that are broken. */

export type Visit = { readonly visit: string };
export type Done = { readonly done: string };
type Shop = Record<'look' | 'book' | 'rent' | 'borrow' | 'pay' | 'thank', Action<Visit, Done>> &
  Record<'unbook' | 'giveBack', Compensation<Visit, Done>>;

const shop = participant<Shop>({ name: 'shop', taskQueue: 'shop' });
const refusals = ['NO'];
/** Longer than a busy machine takes to replace a worker while an attempt is held. */
const options = { startToCloseTimeout: '60s' } as const;
/** A saga that is reset waits for so long. */
const compensationOptions = { startToCloseTimeout: '10s' } as const;

export const look = readOnly(shop, { name: 'look', action: 'look', options });
export const book = compensatable(shop, {
  name: 'book',
  action: 'book',
  compensation: 'unbook',
  refusals,
  options,
  compensationOptions,
});
export const rent = compensatable(shop, {
  name: 'rent',
  action: 'rent',
  compensation: 'giveBack',
  refusals,
  options,
  compensationOptions,
});
export const borrow = compensatable(shop, {
  name: 'borrow',
  action: 'borrow',
  compensation: 'giveBack',
  refusals,
  options,
  compensationOptions,
});
export const pay = pivot(shop, { name: 'pay', action: 'pay', refusals, options });
export const thank = retriable(shop, { name: 'thank', action: 'thank', options });

export const visiting = (workflow: string) =>
  defineSaga<Visit, string>({ workflow, taskQueue: 'visits', idOf: ({ visit }) => `${workflow}-${visit}` });
