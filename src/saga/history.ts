import type { WorkflowInfo } from '@temporalio/workflow';
import type { SagaState } from './core/state';
import { sdkWorkflow } from './sdk-workflow';

/** The server terminates a workflow at 51,200 events or 50 MiB of history; some of that is left for what nobody plans. */
const MAX_EVENTS = 50_000;
const MAX_BYTES = 48 * 1024 * 1024;

/** What an action that is under way may still add: its end, and the workflow task after it. */
const EVENTS_TO_SETTLE = 5;
/** A compensation with its workflow task is six events; a round that is used up, with its pause, is thirteen. */
const EVENTS_TO_UNDO = 20;
/** Of the events and the bytes of a compensation beside what it is given. */
const BYTES_TO_UNDO = 4_000;
/** For what comes from outside meanwhile: Updates, signals, changes of search attributes. */
const SPARE_EVENTS = 500;
const SPARE_BYTES = 1_000_000;
/** What a run hands to the next one travels in one payload, of which the server takes 2 MiB. */
export const MAX_CARRIED_BYTES = 1_500_000;

type HistorySize = Pick<WorkflowInfo, 'historyLength' | 'historySize'>;

/**
 * The room that a run's history has left (S14, S18). A step begins only while the whole unwinding, that step's included,
 * would still fit: one round that is used up is reckoned with for each compensation. What can be carried over to another run
 * needs room only until then.
 */
export class HistoryRoom {
  private readonly workflow = sdkWorkflow();
  private latest: HistorySize = { historyLength: 0, historySize: 0 };
  private before = this.latest;

  constructor(
    private readonly state: SagaState,
    private readonly maxEvents = MAX_EVENTS,
  ) {}

  /** Whether the saga may still go on forward, with this many more steps. */
  hasRoom(steps = 0): boolean {
    const { ledger } = this.state;
    const toUndo = ledger.toCompensate.length + steps;
    const settling = (ledger.inFlight.length + steps) * EVENTS_TO_SETTLE;
    const atOnce = this.canCarry ? Math.min(toUndo, this.state.atOnce) : toUndo;
    const { historyLength, historySize } = this.known;
    return (
      historyLength + settling + atOnce * EVENTS_TO_UNDO + SPARE_EVENTS <= this.maxEvents &&
      historySize + 2 * ledger.bytes + toUndo * BYTES_TO_UNDO + SPARE_BYTES <= MAX_BYTES
    );
  }

  /**
   * Express: the history at the task before. A lost task makes it grow, and when that task is repeated no step may find less room
   * than it had found before (decision 0009).
   */
  private get known(): HistorySize {
    const { historyLength, historySize } = this.workflow.info;
    if (!this.state.express) return { historyLength, historySize };
    if (historyLength !== this.latest.historyLength) {
      this.before = this.latest;
      this.latest = { historyLength, historySize };
    }
    return this.before;
  }

  /** Whether the history has room only for what must be written, so an operation is not tried again by itself. */
  get isShort(): boolean {
    return this.workflow.task + SPARE_EVENTS > this.maxEvents;
  }

  /** Whether an unwinding had better go on in another run. */
  get isHalfUsed(): boolean {
    const { historyLength, historySize } = this.workflow.info;
    return (historyLength > this.maxEvents / 2 || historySize > MAX_BYTES / 2) && this.canCarry;
  }

  /** By an estimate: each entry has its names and times beside what it was given and answered. */
  private get canCarry(): boolean {
    const { ledger } = this.state;
    return ledger.bytes + ledger.entries.length * 250 <= MAX_CARRIED_BYTES;
  }
}
