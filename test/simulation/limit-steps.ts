import {
  type Action,
  compensatable,
  type Compensation,
  defineSaga,
  nested,
  participant,
  pivot,
  retriable,
  type SagaDefinition,
} from '../../src/saga';

/** The steps of sagas that would meet a server's limits without an engine that knows them. */

/** What a step is given: as large as its saga makes it. */
export interface Item {
  readonly filler: string;
}
export interface Taken {
  readonly taken: number;
}
type Store = Record<'take' | 'seal' | 'tell', Action<Item, Taken>> &
  Record<'giveBack', Compensation<Item, Taken>>;

const store = participant<Store>({ name: 'store', taskQueue: 'store' });
const refusals = ['NO'];
const options = { startToCloseTimeout: '10s' } as const;

export const take = compensatable(store, {
  name: 'take',
  action: 'take',
  compensation: 'giveBack',
  refusals,
  options,
});
export const seal = pivot(store, { name: 'seal', action: 'seal', refusals, options });
export const tell = retriable(store, { name: 'tell', action: 'tell', options });

/** How a saga uses what is limited. */
export interface Use {
  readonly id: string;
  readonly steps: number;
  /** The size of each step's input. */
  readonly bytes: number;
}

const sagaNamed = (workflow: string) =>
  defineSaga<Use, number>({ workflow, taskQueue: 'limits', idOf: ({ id }) => `${workflow}-${id}` });

/** Knows of a history with so many events, of which it keeps 500 free for what comes from outside. */
export const MAX_HISTORY_EVENTS = 700;
export const looping: SagaDefinition<Use, number> = {
  ...sagaNamed('loop'),
  maxHistoryEvents: MAX_HISTORY_EVENTS,
};
export const spreading = sagaNamed('spread');
export const carrying = sagaNamed('carryAll');
export const handing = sagaNamed('handOver');
/** {@link carrying} as a step. */
export const carry = nested(carrying, { name: 'carry' });
