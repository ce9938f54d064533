import { placements } from '../../src/saga';
import {
  explore,
  type Explored,
  type ExploreOptions,
  type ExploreProgress,
  SagaTestKit,
} from '../../src/testing';
import { sagas } from '../matrix/sagas';
import { exploredSagas, exploredWorkflow } from './sagas';

/** What a process explores. */
export interface Explorer {
  /** Names of workflows, one after the other. */
  readonly sagas: readonly string[];
  /** For each of them. */
  readonly minutes: number;
  readonly seed: number;
  readonly participants: NonNullable<ExploreOptions['participants']>;
}

/** How far a process is with a saga, or what came of it in the end. */
export type ExplorerReport = { readonly saga: string } & (
  { readonly progress: ExploreProgress } | { readonly explored: Explored }
);

async function main({ sagas: named, minutes, seed, participants }: Explorer): Promise<void> {
  const workflowsPath = exploredWorkflow;
  const kit = await SagaTestKit.start({ workflowsPath, sagas });
  const send = (report: ExplorerReport) => process.send?.(report);
  for (const [name, saga] of exploredSagas) {
    if (!named.includes(name)) continue;
    const onProgress = (progress: ExploreProgress) => void send({ saga: name, progress });
    const explored = await explore(kit, saga, { seed, minutes, placements, participants, onProgress });
    send({ saga: name, explored });
    if (explored.broken) break;
  }
  await kit.stop();
}

void main(JSON.parse(process.argv[2] ?? '{}') as Explorer);
