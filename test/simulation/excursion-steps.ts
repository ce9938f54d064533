import {
  type Action,
  compensatable,
  type Compensation,
  defineSaga,
  participant,
  pivot,
} from '../../src/saga';

/** What a step of the excursion is about. */
export interface Place {
  readonly place: string;
}
export interface Excursion {
  readonly id: string;
  /** Whether branches go on with the same step, one after the answer of another. */
  readonly branching?: boolean;
  /** Whether it begins its branches with a step that may take long, and so is no local activity. */
  readonly slow?: boolean;
}
type Guide = Record<'visit' | 'pay', Action<Place, Place>> & Record<'leave', Compensation<Place, Place>>;

const guide = participant<Guide>({ name: 'guide', taskQueue: 'guide' });
const refusals = ['CLOSED'];
const options = { startToCloseTimeout: '10s' } as const;
const declared = { action: 'visit', compensation: 'leave', refusals, options } as const;

export const visit = compensatable(guide, { name: 'visit', ...declared });
/** Never a local activity. */
export const tour = compensatable(guide, {
  name: 'tour',
  ...declared,
  options: { startToCloseTimeout: '30s' },
});
/** Its failure is caught, so an unknown one is undone before the pivot (S9). */
export const detour = compensatable(guide, {
  name: 'detour',
  ...declared,
  options: { ...options, retry: { maximumAttempts: 1 } },
});
/** Called in one kind of weather only. */
export const walk = compensatable(guide, { name: 'walk', ...declared });
export const swim = compensatable(guide, { name: 'swim', ...declared });
export const pay = pivot(guide, { name: 'pay', action: 'pay', refusals, options });

export const excursion = defineSaga<Excursion, string>({
  workflow: 'makeExcursion',
  taskQueue: 'excursions',
  idOf: ({ id }) => `excursion-${id}`,
});
