import { workflowInfo } from '@temporalio/workflow';
import type { StepCall } from './call';
import type { NestedRuns } from './core/carried';
import type { Answer, Driver } from './core/driver';
import type { Entry } from './core/entry';
import type { Result, Ticket } from './core/pending';
import { earlierRunIds, nestedId, type NestedResult, startedBefore } from './nested';
import { restoredEntry, type RescueEntry } from './rescue-entry';
import { sdkWorkflow } from './sdk-workflow';
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
  /** Whether one of them has completed. */
  readonly completed?: boolean;
  /** Workflow ids of nested sagas that this run waits for, and that have ended without telling it. */
  readonly lost?: readonly string[];
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
function earlierRunsStep(): AnyStep {
  const { taskQueue } = workflowInfo();
  return {
    kind: 'read-only',
    name: EARLIER_RUNS,
    participant: { name: taskQueue, taskQueue },
    action: 'unwindEarlierRuns' satisfies keyof SagaActivities,
    refusals: [],
    options: { startToCloseTimeout: '1 minute' },
    compensationOptions: {},
  };
}

/** What an operator resolves the question with need not be an answer of the activity: then nothing is left. */
export function readAnswer(output: unknown): EarlierRunsAnswer {
  const answer = output as Partial<EarlierRunsAnswer> | null;
  return Array.isArray(answer?.entries) ? (answer as EarlierRunsAnswer) : { entries: [] };
}

/** A step of an earlier run as an entry of this run's ledger. */
function leftover(found: LeftoverEntry): Entry {
  const entry: Entry = { ...restoredEntry(workflowInfo().workflowId, found), leftover: true };
  return found.detached ? { ...entry, outcome: startedBefore(entry) } : entry;
}

/** Steps that are asked at once. */
const AT_ONCE = 20;

/**
 * What a reset makes doubtful (S17). A reset run takes the answers of its steps from the history up to the point it was
 * reset to; the run before it may have undone those steps since, and may have done others. So each step is asked again, by
 * its own key: a participant refuses an action that was compensated (B8). And an activity reads what earlier runs did besides:
 * that is undone unless this run does it too. Nothing follows from an answer before both are known. Costs nothing without a
 * reset.
 */
export class ResetGuard {
  private readonly workflow = sdkWorkflow();
  private mark: unknown;
  private checking: Promise<void> | undefined;

  /** @param isNew whether this is the first run of the saga, or of the runs that followed each other after a reset. */
  constructor(
    private readonly driver: Driver,
    isNew: boolean,
  ) {
    this.mark = isNew && earlierRunIds().length > 0 ? undefined : this.workflow.firstMark;
  }

  /** Whether a reset was not looked at yet. */
  get isDue(): boolean {
    return this.workflow.resetMark !== this.mark && !this.driver.state.over;
  }

  /** @returns what to wait for before the saga goes on; nothing when there is no doubt. */
  check(): Promise<void> | undefined {
    if (this.isDue) {
      this.mark = this.workflow.resetMark;
      // It may have been reset to a point at which it looked back already.
      const before = this.checking;
      const lookingBack = before ? before.then(() => this.lookBack()) : this.lookBack();
      // In this order: some answers from before the reset may not be told yet, but are once another task has ended.
      const checking: Promise<void> = lookingBack
        .then(() => this.confirmAll())
        .finally(() => {
          if (this.checking === checking) this.checking = undefined;
        });
      this.checking = checking;
    }
    return this.checking;
  }

  private async lookBack(): Promise<void> {
    const { driver } = this;
    const question: EarlierRunsQuestion = {
      known: driver.state.ledger.entries.map(({ id }) => id),
      runIds: earlierRunIds(),
    };
    const { entry: asked, result } = await this.answer((ticket) =>
      driver.dispatch({ type: 'earlier-runs-asked', ticket, step: earlierRunsStep(), question }),
    );
    const answer = result.kind === 'succeeded' ? result.output : undefined;
    const { entries, nestedRuns, completed, lost } = readAnswer(answer);
    const leftovers = entries.map(leftover);
    await this.applied((ticket) =>
      driver.dispatch({
        type: 'leftovers-found',
        ticket,
        asked,
        answer,
        entries: leftovers,
        nestedRuns,
        completed,
        lost,
      }),
    );
  }

  private async confirmAll(): Promise<void> {
    const { driver } = this;
    const { state } = driver;
    if (state.ending) return;
    const doubtful = state.ledger.answered;
    const undone: Entry[] = [];
    for (let from = 0; from < doubtful.length; from += AT_ONCE) {
      const some = doubtful.slice(from, from + AT_ONCE);
      const results = await Promise.all(some.map((entry) => this.confirm(entry)));
      undone.push(...some.filter((_, index) => results[index]?.kind === 'refused'));
    }
    if (undone.length === 0) return;
    await this.applied((ticket) => driver.dispatch({ type: 'undone-found', ticket, entries: undone }));
  }

  /** @param ask is given the number of whoever waits for the operation. */
  private answer(ask: (ticket: Ticket) => void): Promise<Answer> {
    return new Promise((resolve) => ask(this.driver.ticketFor((answer) => answer && resolve(answer))));
  }

  /** Waits until the state has taken it in, in its turn. */
  private applied(tell: (ticket: Ticket) => void): Promise<void> {
    return new Promise((goOn) => tell(this.driver.ticketFor(() => goOn())));
  }

  /** A nested saga is confirmed by its own steps: it was reversed if one of them was undone. */
  private async confirm(entry: Entry): Promise<Result> {
    const { driver } = this;
    if (!entry.step.nested)
      return (await this.answer((ticket) => driver.dispatch({ type: 'confirmation-asked', ticket, entry })))
        .result;
    const { entries } = (entry.outcome as { output: NestedResult }).output;
    for (const inner of entries.filter(({ action }) => action !== undefined)) {
      const result = await this.confirm(restoredEntry(nestedId(entry), inner));
      if (result.kind === 'refused') return result;
    }
    return entry.outcome as Result;
  }
}
