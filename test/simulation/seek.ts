import { type Placement, placements } from '../../src/saga';
import {
  type BrokenSchedule,
  explore,
  SagaTestKit,
  type SagaUnderTest,
  type TemporalLimits,
} from '../../src/testing';
import { sagas } from '../matrix/sagas';
import { handOver, limitWorkflows, loop, spread } from './limit-sagas';
import { branchingSaga } from './excursion';
import { exploredSagas, exploredWorkflow } from './sagas';

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

const [order, trip] = sagas as [SagaUnderTest, SagaUnderTest];

/** A saga, and what it runs with. */
interface Subject {
  readonly saga: SagaUnderTest;
  readonly workflowsPath: string;
  readonly limits?: Partial<TemporalLimits>;
  readonly placements?: readonly Placement[];
  readonly participants?: 'barrier';
}

const subjects: ReadonlyMap<string, Subject> = new Map<string, Subject>([
  ...[...exploredSagas].map(([name, saga]) => [name, { saga, workflowsPath: exploredWorkflow }] as const),
  ['expressStay', { saga: trip, workflowsPath: require.resolve('./express-stay-workflow') }],
  ['orderBehindBarrier', { saga: order, workflowsPath: exploredWorkflow, participants: 'barrier' }],
  ['expressExcursion', { saga: branchingSaga, workflowsPath: exploredWorkflow, placements: ['express'] }],
  ['loop', { ...loop, workflowsPath: limitWorkflows }],
  ['spread', { ...spread, workflowsPath: limitWorkflows }],
  ['handOver', { ...handOver, workflowsPath: limitWorkflows }],
]);

/** Explores sagas until one breaks its promise. The last line of its output is a {@link Found}. */
async function main({ seconds, seed, sagas: named = [...subjects.keys()] }: Sought): Promise<void> {
  let schedules = 0;
  for (const name of named) {
    const subject = subjects.get(name);
    if (!subject) throw new Error(`there is no saga ${name}`);
    const { saga, workflowsPath, limits = {}, placements: where = placements, participants } = subject;
    const kit = await SagaTestKit.start({ workflowsPath, sagas, limits });
    const minutes = seconds / 60 / named.length;
    const explored = await explore(kit, saga, {
      seed,
      minutes,
      placements: where,
      ...(participants && { participants }),
    });
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
