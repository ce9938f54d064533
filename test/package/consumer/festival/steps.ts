import {
  type Action,
  type Compensation,
  compensatable,
  defineSaga,
  nested,
  participant,
  pivot,
  type Probe,
  readOnly,
  retriable,
} from 'unwind/saga';

/** A festival visit: seats for a group, a place to sleep, a transfer that settles some time later, and a person's approval. */

export interface Visit {
  readonly visitId: string;
  readonly guests: readonly string[];
}

interface Guest {
  readonly visitId: string;
  readonly guest: string;
}

interface Place {
  readonly visitId: string;
  readonly kind: 'hotel' | 'tent';
}

interface Booked {
  readonly reference: string;
}

export type TicketActivities = {
  reserveSeat: Action<Guest, Booked>;
  releaseSeat: Compensation<Guest, Booked>;
  printTicket: Action<Guest, Booked>;
};

/** Over HTTP: an answer may be lost, and the provider tells by the key what has happened. */
export type LodgingActivities = {
  bookPlace: Action<Place, Booked>;
  cancelPlace: Compensation<Place, Booked>;
  findPlace: Probe<Place, Booked>;
  rentBedding: Action<Place, Booked>;
  returnBedding: Compensation<Place, Booked>;
};

export type BankActivities = {
  requestTransfer: Action<{ visitId: string; amount: number }, Booked>;
  recallTransfer: Compensation<{ visitId: string; amount: number }, Booked>;
  transferState: Action<{ reference: string; asked: number }, { settled: boolean }>;
  settle: Action<{ reference: string }, Booked>;
};

const tickets = participant<TicketActivities>({ name: 'tickets', taskQueue: 'tickets' });
const lodging = participant<LodgingActivities>({ name: 'lodging', taskQueue: 'lodging' });
const bank = participant<BankActivities>({ name: 'bank', taskQueue: 'bank' });

export const reserveSeat = compensatable(tickets, {
  name: 'reserve-seat',
  action: 'reserveSeat',
  compensation: 'releaseSeat',
  refusals: ['SOLD_OUT'],
});
export const bookPlace = compensatable(lodging, {
  name: 'book-place',
  action: 'bookPlace',
  compensation: 'cancelPlace',
  probe: 'findPlace',
  refusals: ['FULL'],
});
export const rentBedding = compensatable(lodging, {
  name: 'rent-bedding',
  action: 'rentBedding',
  compensation: 'returnBedding',
  refusals: ['NONE_LEFT'],
});
export const requestTransfer = compensatable(bank, {
  name: 'request-transfer',
  action: 'requestTransfer',
  compensation: 'recallTransfer',
  refusals: ['NO_FUNDS'],
});
export const transferState = readOnly(bank, { name: 'transfer-state', action: 'transferState' });
export const settle = pivot(bank, { name: 'settle', action: 'settle', refusals: ['RECALLED'] });
export const printTicket = retriable(tickets, { name: 'print-ticket', action: 'printTicket' });

export const night = defineSaga<Visit, Booked>({
  workflow: 'spendNight',
  taskQueue: 'festival',
  idOf: ({ visitId }) => `night-${visitId}`,
});
export const spendNight = nested(night, { name: 'spend-night' });

export const visit = defineSaga<Visit, readonly string[]>({
  workflow: 'visitFestival',
  taskQueue: 'festival',
  idOf: ({ visitId }) => `visit-${visitId}`,
});
