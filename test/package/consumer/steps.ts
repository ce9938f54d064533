import { type Action, type Compensation, compensatable, defineSaga, participant } from 'unwind/saga';

export type DeskActivities = {
  hold: Action<{ seat: string }, { held: string }>;
  release: Compensation<{ seat: string }, { held: string }>;
  pay: Action<{ seat: string }, { paid: boolean }>;
  refund: Compensation<{ seat: string }, { paid: boolean }>;
};

const desk = participant<DeskActivities>({ name: 'desk', taskQueue: 'desk' });

export const hold = compensatable(desk, { name: 'hold', action: 'hold', compensation: 'release' });
export const pay = compensatable(desk, {
  name: 'pay',
  action: 'pay',
  compensation: 'refund',
  refusals: ['NO_MONEY'],
});

export const booking = defineSaga<{ seat: string }, { held: string }>({
  workflow: 'book',
  taskQueue: 'bookings',
  idOf: ({ seat }) => `booking-${seat}`,
});
