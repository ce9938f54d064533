import {
  type Action,
  type Compensation,
  compensatable,
  irreversible,
  participant,
  type Probe,
  pivot,
  readOnly,
  retriable,
} from '../../src/saga';

export type WorldActivities = {
  act: Action<{ step: string }, { did: string }>;
  takeBack: Compensation<{ step: string }, { did: string }>;
  ask: Probe<{ step: string }, { did: string }>;
};

const world = participant<WorldActivities>({ name: 'world', taskQueue: 'world' });
const attempts = { startToClose: '2s', firstPause: '100ms' } as const;

/** The steps that a program names. */
export const compensatableNamed = (name: string) =>
  compensatable(world, {
    name,
    action: 'act',
    compensation: 'takeBack',
    refusals: ['NO'],
    attempts: { ...attempts, perRound: 2 },
    compensationAttempts: attempts,
  });
export const probedNamed = (name: string) =>
  compensatable(world, {
    name,
    action: 'act',
    compensation: 'takeBack',
    probe: 'ask',
    attempts: { ...attempts, perRound: 2 },
  });
export const readNamed = (name: string) =>
  readOnly(world, { name, action: 'act', refusals: ['NO'], attempts: { ...attempts, perRound: 2 } });
export const irreversibleNamed = (name: string) =>
  irreversible(world, {
    name,
    action: 'act',
    refusals: ['NO'],
    irreversible: 'a letter is a letter',
    attempts,
  });
export const pivotNamed = (name: string) =>
  pivot(world, { name, action: 'act', compensation: 'takeBack', refusals: ['NO'], attempts });
export const finalPivotNamed = (name: string) =>
  pivot(world, { name, action: 'act', refusals: ['NO'], attempts });
export const retriableNamed = (name: string) => retriable(world, { name, action: 'act', attempts });
