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
const options = { startToCloseTimeout: '8s', retry: { initialInterval: '100ms' } } as const;
const twoAttempts = { ...options, retry: { ...options.retry, maximumAttempts: 2 } } as const;

/** The steps that a program names. */
export const compensatableNamed = (name: string) =>
  compensatable(world, {
    name,
    action: 'act',
    compensation: 'takeBack',
    refusals: ['NO'],
    options: twoAttempts,
    compensationOptions: options,
  });
export const probedNamed = (name: string) =>
  compensatable(world, {
    name,
    action: 'act',
    compensation: 'takeBack',
    probe: 'ask',
    options: twoAttempts,
  });
export const readNamed = (name: string) =>
  readOnly(world, { name, action: 'act', refusals: ['NO'], options: twoAttempts });
export const irreversibleNamed = (name: string) =>
  irreversible(world, {
    name,
    action: 'act',
    refusals: ['NO'],
    irreversible: 'a letter is a letter',
    options,
  });
export const pivotNamed = (name: string) =>
  pivot(world, { name, action: 'act', compensation: 'takeBack', refusals: ['NO'], options });
export const finalPivotNamed = (name: string) =>
  pivot(world, { name, action: 'act', refusals: ['NO'], options });
export const retriableNamed = (name: string) => retriable(world, { name, action: 'act', options });
