import { type SearchAttributeUpdatePair } from '@temporalio/common';
import {
  CancellationScope,
  CancelledFailure,
  setCurrentDetails,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { StuckPolicy } from './definition';
import { Desk } from './desk';
import { renderDetails } from './details';
import { ABANDONED, CANCELLED, DEADLINE_EXCEEDED } from './failures';
import { type Entry, type Failure, Ledger } from './ledger';
import { instant } from './instant';
import { reportStep, type SagaReport, type SagaStatus } from './report';
import {
  SagaReason,
  SagaStatus as StatusAttribute,
  type SagaStatusValue,
  SagaStuckStep,
} from './search-attributes';

/** Where the saga is. `pivot`: its pivot has begun and is not known yet. */
export type Phase =
  'forward' | 'pivot' | 'committed' | 'unwinding' | 'completed' | 'compensated' | 'cancelled';

/** What asks a saga from outside to unwind (S8, S6), and what came of it. */
export type Interruption = 'cancel' | 'deadline' | 'abandon';
interface Interrupted {
  readonly requestedAt: number;
  effect: 'unwound' | 'declined' | 'pending';
}

/** The reason of a saga that was unwound by an interruption. */
const REASONS: Record<Interruption, Failure> = {
  cancel: { code: CANCELLED, message: 'cancelled by request' },
  deadline: { code: DEADLINE_EXCEEDED, message: 'the deadline of the saga passed' },
  abandon: { code: ABANDONED, message: 'abandoned by an operator' },
};

/** Everything there is to know about one running saga, and its publication to the Web UI and to visibility. */
export class SagaState {
  readonly ledger = new Ledger(() => Date.now());
  readonly desk: Desk;
  phase: Phase = 'forward';
  reason?: Failure & { readonly step?: string };
  /** Rejects when an interruption is to unwind the saga. The body is not told: it is left where it stands. */
  readonly interrupted: Promise<never>;
  private rejectInterrupted: (failure: CancelledFailure) => void = () => undefined;
  private readonly interruptions: Partial<Record<Interruption, Interrupted>> = {};
  private readonly actions = new Map<Entry, CancellationScope>();

  /** @param maxHistoryEvents the server terminates a workflow at 51,200; what is left is for the unwinding. */
  constructor(
    policy: StuckPolicy,
    readonly maxHistoryEvents = 40_000,
  ) {
    this.desk = new Desk(
      (step) => this.ledger.entries.find(({ id }) => id === step),
      policy.skipNeedsTwo ?? false,
    );
    this.interrupted = new Promise<never>((_, reject) => {
      this.rejectInterrupted = reject;
    });
    this.interrupted.catch(() => undefined);
  }

  /** What visibility shows. The client's start has set FORWARD, so nothing is written while all goes well (S15). */
  private published: Published = { status: 'FORWARD', reason: null, stuckStep: null };

  get report(): SagaReport {
    return {
      sagaId: workflowInfo().workflowId,
      status: this.status,
      ...(this.reason && { reason: this.reason }),
      steps: this.ledger.entries.map(reportStep),
      ...reportInterruption('cancel', this.interruptions.cancel),
      ...reportInterruption('deadline', this.interruptions.deadline),
      ...(this.desk.acts.length > 0 && { desk: [...this.desk.acts] }),
    };
  }

  /** To be called after every change: details cost nothing, attributes are written only when they differ. */
  publish(): void {
    setCurrentDetails(renderDetails(this.report));
    const stuck = this.ledger.entries.find((entry) => entry.stuck);
    const next: Published = {
      status: stuck
        ? 'STUCK'
        : this.status === 'partly-compensated'
          ? 'PARTLY_COMPENSATED'
          : STATUS[this.phase],
      reason: this.reason?.code ?? null,
      stuckStep: stuck?.id ?? null,
    };
    const changes: SearchAttributeUpdatePair[] = [];
    if (next.status !== this.published.status) changes.push({ key: StatusAttribute, value: next.status });
    if (next.reason !== this.published.reason) changes.push({ key: SagaReason, value: next.reason });
    if (next.stuckStep !== this.published.stuckStep)
      changes.push({ key: SagaStuckStep, value: next.stuckStep });
    if (changes.length > 0) upsertSearchAttributes(changes);
    this.published = next;
  }

  /** S8: unwinds before the pivot, waits while the pivot is not known, and is declined after it. */
  interrupt(by: Interruption): void {
    const first = !this.ending && this.pending === undefined;
    const effect =
      first && this.phase === 'forward'
        ? 'unwound'
        : first && this.phase === 'pivot'
          ? 'pending'
          : 'declined';
    this.interruptions[by] = { requestedAt: Date.now(), effect };
    if (effect === 'unwound') this.rejectInterrupted(new CancelledFailure(REASONS[by].message));
    this.publish();
  }

  /** The interruption that unwinds the saga, if it is one. */
  get unwoundBy(): Interruption | undefined {
    return this.interruptionThatIs('unwound');
  }

  /** Why the saga unwinds, when it is because of an interruption. */
  get interruptionReason(): Failure | undefined {
    return this.unwoundBy && REASONS[this.unwoundBy];
  }

  /** Whether no further forward step may begin. */
  get ending(): boolean {
    return this.phase === 'unwinding' || this.unwoundBy !== undefined;
  }

  /** The pivot is known, or was given up before it began: what waited for that is decided now. */
  pivotKnown(succeeded: boolean): void {
    this.phase = succeeded ? 'committed' : 'forward';
    const { pending } = this;
    if (!pending) return;
    (this.interruptions[pending] as Interrupted).effect = succeeded ? 'declined' : 'unwound';
    if (!succeeded) this.rejectInterrupted(new CancelledFailure(REASONS[pending].message));
  }

  get pending(): Interruption | undefined {
    return this.interruptionThatIs('pending');
  }

  private interruptionThatIs(effect: Interrupted['effect']): Interruption | undefined {
    return (Object.keys(this.interruptions) as Interruption[]).find(
      (by) => this.interruptions[by]?.effect === effect,
    );
  }

  /** Runs an action so that {@link cancelActions} reaches it, whatever scope of its own the body runs it in. */
  async runAction<T>(entry: Entry, action: () => Promise<T>): Promise<T> {
    const scope = new CancellationScope();
    this.actions.set(entry, scope);
    try {
      return await scope.run(action);
    } finally {
      this.actions.delete(entry);
    }
  }

  /** Asks what is in flight to end: the sooner it settles, the sooner it is undone. */
  cancelActions(among: readonly Entry[] = this.ledger.inFlight): void {
    for (const entry of among) this.actions.get(entry)?.cancel();
  }

  private get status(): SagaStatus {
    if (this.ledger.entries.some((entry) => entry.stuck)) return 'stuck';
    const isOver = this.phase === 'compensated' || this.phase === 'cancelled';
    if (isOver && this.ledger.leftStanding) return 'partly-compensated';
    return this.phase === 'pivot' ? 'forward' : this.phase;
  }
}

function reportInterruption(name: 'cancel' | 'deadline', interrupted: Interrupted | undefined) {
  if (!interrupted) return {};
  return { [name]: { requestedAt: instant(interrupted.requestedAt), effect: interrupted.effect } };
}

interface Published {
  readonly status: SagaStatusValue;
  readonly reason: string | null;
  readonly stuckStep: string | null;
}

const STATUS: Record<Phase, SagaStatusValue> = {
  forward: 'FORWARD',
  pivot: 'FORWARD',
  committed: 'FORWARD',
  completed: 'FORWARD',
  unwinding: 'UNWINDING',
  compensated: 'COMPENSATED',
  cancelled: 'COMPENSATED',
};
