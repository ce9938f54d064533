import type { Cause } from './cause';

/** Causes that differ in nothing but the saga. */
export function classesOf<T extends Cause>(causes: readonly T[]): readonly (readonly T[])[] {
  const classes = new Map<string, T[]>();
  for (const cause of causes) {
    const { kind, workflow, step, code } = cause;
    const id = JSON.stringify([kind, workflow, step, code]);
    const members = classes.get(id);
    if (members) members.push(cause);
    else classes.set(id, [cause]);
  }
  return [...classes.values()];
}
