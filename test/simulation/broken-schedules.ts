import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Placement } from '../../src/saga';
import { projectRoot } from '../../dev/home';

/** A schedule that once broke the promise of a saga of the matrix. It is run for ever. */
export interface BrokenBefore {
  readonly saga: string;
  readonly placement: Placement;
  /** Absent for those in memory. */
  readonly participants?: 'barrier';
  readonly choices: readonly number[];
  /** What it broke. */
  readonly problems: readonly string[];
}

const path = join(projectRoot, 'test/simulation/broken-schedules.json');

export function brokenSchedules(): readonly BrokenBefore[] {
  return JSON.parse(readFileSync(path, 'utf8')) as BrokenBefore[];
}

/** Adds one, to be committed. */
export function rememberBroken({ saga, placement, participants, choices, problems }: BrokenBefore): void {
  const all = [
    ...brokenSchedules(),
    { saga, placement, ...(participants && { participants }), choices, problems },
  ];
  writeFileSync(path, `${JSON.stringify(all, undefined, 2)}\n`);
}
