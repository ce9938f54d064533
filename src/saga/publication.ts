import type { SearchAttributeUpdatePair } from '@temporalio/common';
import { setCurrentDetails, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import { plainCode } from './core/plain-text';
import type { Phase, SagaState } from './core/saga-state';
import { Details } from './details';
import { reportHead, reportSaga, type SagaReport, statusOf } from './report';
import {
  SagaReason,
  SagaStatus as StatusAttribute,
  type SagaStatusValue,
  SagaStuckStep,
} from './search-attributes';

/** Shows a saga to the Web UI and to visibility. */
export class Publication {
  /** What visibility shows. The client's start has set FORWARD, so nothing is written while all goes well (S15). */
  private published: Published = { status: 'FORWARD', reason: null, stuckStep: null };

  private readonly details = new Details();

  constructor(private readonly state: SagaState) {}

  get report(): SagaReport {
    return reportSaga(workflowInfo().workflowId, this.state);
  }

  /** To be called after every change: details cost nothing, attributes are written only when they differ. */
  update(): void {
    const { state } = this;
    const head = reportHead(workflowInfo().workflowId, state);
    setCurrentDetails(this.details.render(head, state.ledger.entries));
    const next = this.next;
    const changes: SearchAttributeUpdatePair[] = [];
    if (next.status !== this.published.status) changes.push({ key: StatusAttribute, value: next.status });
    if (next.reason !== this.published.reason) changes.push({ key: SagaReason, value: next.reason });
    if (next.stuckStep !== this.published.stuckStep)
      changes.push({ key: SagaStuckStep, value: next.stuckStep });
    if (changes.length > 0) upsertSearchAttributes(changes);
    this.published = next;
  }

  private get next(): Published {
    const { phase, reason, ledger } = this.state;
    const stuck = ledger.firstStuck;
    const partly =
      statusOf(this.state) === 'partly-compensated' || (phase === 'completed' && ledger.anySkipped);
    return {
      status: stuck ? 'STUCK' : partly ? 'PARTLY_COMPENSATED' : STATUS[phase],
      reason: reason?.code ?? null,
      stuckStep: stuck ? plainCode(stuck.id) : null,
    };
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
