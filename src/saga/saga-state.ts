import { type SearchAttributeUpdatePair } from '@temporalio/common';
import {
  CancellationScope,
  CancelledFailure,
  setCurrentDetails,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { renderDetails } from './details';
import { type Failure, Ledger } from './ledger';
import { instant, reportStep, type SagaReport, type SagaStatus } from './report';
import {
  SagaReason,
  SagaStatus as StatusAttribute,
  type SagaStatusValue,
  SagaStuckStep,
} from './search-attributes';

/** Where the saga is. `pivot`: its pivot has begun and is not known yet. */
export type Phase =
  'forward' | 'pivot' | 'committed' | 'unwinding' | 'completed' | 'compensated' | 'cancelled';

/** Everything there is to know about one running saga, and its publication to the Web UI and to visibility. */
export class SagaState {
  readonly ledger = new Ledger(() => Date.now());
  /** Rejects when a cancel is to unwind the saga. The body is not told: it is left where it stands. */
  readonly cancelled: Promise<never>;
  private readonly rejectCancelled: (failure: CancelledFailure) => void;
  private readonly actions = new Set<CancellationScope>();

  constructor() {
    let reject: (failure: CancelledFailure) => void = () => undefined;
    this.cancelled = new Promise<never>((_, rejectPromise) => {
      reject = rejectPromise;
    });
    this.cancelled.catch(() => undefined);
    this.rejectCancelled = reject;
  }
  phase: Phase = 'forward';
  reason?: Failure & { readonly step?: string };
  cancel?: { readonly requestedAt: number; effect: 'unwound' | 'declined' | 'pending' };

  /** What visibility shows. The client's start has set FORWARD, so nothing is written while all goes well (S15). */
  private published: Published = { status: 'FORWARD', reason: null, stuckStep: null };

  get report(): SagaReport {
    return {
      sagaId: workflowInfo().workflowId,
      status: this.status,
      ...(this.reason && { reason: this.reason }),
      steps: this.ledger.entries.map(reportStep),
      ...(this.cancel && {
        cancel: { requestedAt: instant(this.cancel.requestedAt), effect: this.cancel.effect },
      }),
    };
  }

  /** To be called after every change: details cost nothing, attributes are written only when they differ. */
  publish(): void {
    setCurrentDetails(renderDetails(this.report));
    const stuck = this.ledger.entries.find((entry) => entry.stuck);
    const next: Published = {
      status: stuck ? 'STUCK' : STATUS[this.phase],
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

  /** S8: a cancel unwinds before the pivot, waits while the pivot is not known, and is declined after it. */
  requestCancel(): void {
    const effect = this.phase === 'forward' ? 'unwound' : this.phase === 'pivot' ? 'pending' : 'declined';
    this.cancel = { requestedAt: Date.now(), effect };
    if (effect === 'unwound') this.rejectCancelled(new CancelledFailure('cancelled by request'));
    this.publish();
  }

  /** Whether no further forward step may begin. */
  get ending(): boolean {
    return this.phase === 'unwinding' || this.cancel?.effect === 'unwound';
  }

  /** Runs an action so that {@link cancelActions} reaches it, whatever scope of its own the body runs it in. */
  async runAction<T>(action: () => Promise<T>): Promise<T> {
    const scope = new CancellationScope();
    this.actions.add(scope);
    try {
      return await scope.run(action);
    } finally {
      this.actions.delete(scope);
    }
  }

  /** Asks what is in flight to end: the sooner it settles, the sooner it is undone. */
  cancelActions(): void {
    for (const scope of this.actions) scope.cancel();
  }

  pivotKnown(succeeded: boolean): void {
    this.phase = succeeded ? 'committed' : 'forward';
    if (this.cancel?.effect !== 'pending') return;
    this.cancel.effect = succeeded ? 'declined' : 'unwound';
    if (!succeeded) this.rejectCancelled(new CancelledFailure('cancelled by request'));
  }

  private get status(): SagaStatus {
    if (this.ledger.entries.some((entry) => entry.stuck)) return 'stuck';
    return this.phase === 'pivot' ? 'forward' : this.phase;
  }
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
