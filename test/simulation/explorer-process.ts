import { placements } from '../../src/saga';
import { explore, type Explored } from '../../src/testing/explore';
import { sagas } from '../matrix/sagas';
import { loadBundle } from './simulated-program';

/** What a process explores, until it is ended or has found something. */
export interface Explorer {
  /** A file with the code of the workflows. */
  readonly bundle: string;
  /** Names of workflows. Empty: all of them. */
  readonly sagas: readonly string[];
  /** The first seed; the next one is that many further. */
  readonly seed: number;
  readonly step: number;
}

/** What came of some schedules of one saga. */
export interface Batch extends Explored {
  readonly saga: string;
}

/** Schedules of a saga in a row, as each row begins with one that only looks at the saga. */
const IN_A_ROW = 60;

async function main({ bundle, sagas: named, seed, step }: Explorer): Promise<void> {
  const workflows = await loadBundle(bundle);
  const chosen = sagas.filter(({ definition }) => named.length === 0 || named.includes(definition.workflow));
  for (let row = 0; ; row++) {
    for (const saga of chosen) {
      const first = (seed + row * step) * IN_A_ROW;
      const explored = await explore(workflows, saga, { seed: first, schedules: IN_A_ROW, placements });
      const batch: Batch = { saga: saga.definition.workflow, ...explored };
      process.send?.(batch);
      if (explored.broken) return;
    }
  }
}

void main(JSON.parse(process.argv[2] ?? '{}') as Explorer);
