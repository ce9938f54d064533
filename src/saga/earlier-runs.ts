import { workflowInfo } from '@temporalio/workflow';
import { standing } from './carried-entry';
import type { Entry } from './core/entry';
import type { NestedRuns } from './core/carried';
import { startedBefore } from './nested';
import type { StepCall } from './call';
import type { RescueEntry } from './rescue-input';
import type { AnyStep } from './step';

/** The step by which a reset saga asks what its earlier runs did (S17). No declared step is called like that. */
export const EARLIER_RUNS = 'unwind:earlier-runs';

/** What the saga knows already. JSON. */
export interface EarlierRunsQuestion {
  /** The entries that this run has, also those of earlier runs that it knows. */
  readonly known: readonly string[];
  /** Earlier runs that the history of this one does not name. */
  readonly runIds: readonly string[];
}

/** What the runs before a reset did that this run has not done. JSON. */
export interface EarlierRunsAnswer {
  /** In the order in which they began; without what was undone, and without reads. */
  readonly entries: readonly LeftoverEntry[];
  /** The runs of nested sagas that they started. */
  readonly nestedRuns?: NestedRuns;
}

/** A step of an earlier run. A pivot need not have a compensation. */
export interface LeftoverEntry extends RescueEntry {
  /** It is a nested saga of which this run cannot know how it ended. */
  readonly detached?: boolean;
}

/** The activities of a worker of sagas that serve the engine itself. */
export interface SagaActivities {
  /** @throws ApplicationFailure `EARLIER_RUN_UNREADABLE`, `RECORDS_NEEDED`, `SAGA_RUNNING`, `PAYLOAD_TOO_LARGE` */
  unwindEarlierRuns(question: EarlierRunsQuestion, call: StepCall): Promise<EarlierRunsAnswer>;
}

/** An ordinary activity on the saga's own queue, in every placement: what it says must be in the history. */
export function earlierRunsStep(): AnyStep {
  const { taskQueue } = workflowInfo();
  return {
    kind: 'read-only',
    name: EARLIER_RUNS,
    participant: { name: taskQueue, taskQueue },
    action: 'unwindEarlierRuns' satisfies keyof SagaActivities,
    refusals: [],
    attempts: { startToClose: '1 minute' },
    compensationAttempts: {},
  };
}

/** What an operator resolves the question with need not be an answer of the activity: then nothing is left. */
export function readAnswer(output: unknown): EarlierRunsAnswer {
  const answer = output as Partial<EarlierRunsAnswer> | null;
  return Array.isArray(answer?.entries) ? (answer as EarlierRunsAnswer) : { entries: [] };
}

/** A step of an earlier run as an entry of this run's ledger. */
export function leftover(found: LeftoverEntry): Entry {
  const entry: Entry = { ...standing(workflowInfo().workflowId, found), leftover: true };
  return found.detached ? { ...entry, outcome: startedBefore(entry) } : entry;
}
