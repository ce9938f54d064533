import {
  type Action,
  compensatable,
  type Compensation,
  defineSaga,
  participant,
  runSaga,
} from '../../src/saga';

export interface Reserve {
  readonly orderId: string;
}

export interface Reservation {
  readonly reservedBy: string;
}

export type SlowActivities = {
  reserve: Action<Reserve, Reservation>;
  release: Compensation<Reserve, Reservation>;
};

export const slowStock = participant<SlowActivities>({ name: 'slow-stock', taskQueue: 'slow-stock' });

/** One attempt may take far longer than a test: only a missing heartbeat ends one whose worker is gone. */
const reserve = compensatable(slowStock, {
  name: 'reserve',
  action: 'reserve',
  compensation: 'release',
  options: { startToCloseTimeout: '10 minutes', heartbeatTimeout: '1s', retry: { initialInterval: '100ms' } },
});

export const slowSaga = defineSaga<Reserve, Reservation>({
  workflow: 'reserveSlowly',
  taskQueue: 'slow-sagas',
  idOf: ({ orderId }) => orderId,
});

export async function reserveSlowly(input: Reserve): Promise<Reservation> {
  return await runSaga(slowSaga, async (saga) => await saga.run(reserve, input));
}
