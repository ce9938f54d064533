import { grouped } from '../view/grouped';
import type { Cause } from './cause';

/** Causes that differ in nothing but the saga. */
export function classesOf<T extends Cause>(causes: readonly T[]): readonly (readonly T[])[] {
  const classes = grouped(causes, ({ kind, workflow, step, code }) =>
    JSON.stringify([kind, workflow, step, code]),
  );
  return [...classes.values()];
}
