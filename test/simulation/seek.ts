import { placements } from '../../src/saga';
import { type BrokenSchedule, explore, SagaTestKit, type SagaUnderTest } from '../../src/testing';
import { sagas } from '../matrix/sagas';
import { exploredSagas } from './sagas';

/** What is sought, and for how long. */
export interface Sought {
  readonly seconds: number;
  readonly seed: number;
  /** @default all of them, one after the other */
  readonly sagas?: readonly string[];
}

/** What was found, if anything was. */
export interface Found {
  readonly schedules: number;
  readonly saga?: string;
  readonly broken?: BrokenSchedule;
}

const matrix = require.resolve('../matrix/matrix-workflow');
const trip = exploredSagas.get('bookTrip') as SagaUnderTest;

/** Sagas, and the workflows that they run with. */
const subjects: ReadonlyMap<string, { readonly saga: SagaUnderTest; readonly workflowsPath: string }> =
  new Map([
    ...[...exploredSagas].map(([name, saga]) => [name, { saga, workflowsPath: matrix }] as const),
    ['expressStay', { saga: trip, workflowsPath: require.resolve('./express-stay-workflow') }],
  ]);

/** Explores sagas until one breaks its promise. The last line of its output is a {@link Found}. */
async function main({ seconds, seed, sagas: named = [...subjects.keys()] }: Sought): Promise<void> {
  let schedules = 0;
  for (const name of named) {
    const subject = subjects.get(name);
    if (!subject) throw new Error(`there is no saga ${name}`);
    const kit = await SagaTestKit.start({ workflowsPath: subject.workflowsPath, sagas });
    const minutes = seconds / 60 / named.length;
    const explored = await explore(kit, subject.saga, { seed, minutes, placements });
    schedules += explored.schedules;
    const { broken } = explored;
    if (broken) return tell({ schedules, saga: name, broken });
    await kit.stop();
  }
  tell({ schedules });
}

function tell(found: Found): void {
  process.stdout.write(`${JSON.stringify(found)}\n`, () => process.exit(0));
}

void main(JSON.parse(process.argv[2] ?? '{}') as Sought);
