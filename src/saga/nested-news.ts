import { defineSignal, getExternalWorkflowHandle, workflowInfo } from '@temporalio/workflow';
import type { Failure } from './core/failures';
import type { SagaState } from './core/saga-state';
import { statusOf } from './report';

/** What a nested saga tells its parent when it cannot go on by itself, and when it can again. */
export interface NestedNews {
  readonly sagaId: string;
  readonly stuck?: Failure;
  /** It has ended, and something of it stands for good. */
  readonly leaves?: boolean;
}

export const nestedNews = defineSignal<[NestedNews]>('nestedSaga');

/** Tells a saga's parent how it stands whenever that changes. Nothing is sent while all goes well (S15). */
export class NewsForParent {
  private told = '{}';
  private readonly pending = new Set<Promise<void>>();

  /** @param parentId the workflow that runs the nested saga, or undoes it. */
  constructor(private readonly parentId: string) {}

  update(state: SagaState): void {
    const entry = state.ledger.firstStuck;
    const news: Omit<NestedNews, 'sagaId'> = {
      ...(entry?.stuck && {
        stuck: { code: entry.stuck.failure.code, message: `${entry.id}: ${entry.stuck.failure.message}` },
      }),
      ...(statusOf(state) === 'partly-compensated' && { leaves: true }),
    };
    const told = JSON.stringify(news);
    if (told === this.told) return;
    this.told = told;
    const delivery: Promise<void> = getExternalWorkflowHandle(this.parentId)
      .signal(nestedNews, { sagaId: workflowInfo().workflowId, ...news })
      // The parent may be gone: then there is nobody to tell.
      .catch(() => undefined)
      .finally(() => this.pending.delete(delivery));
    this.pending.add(delivery);
  }

  /** Waits until the parent has what it was told: it learns the last of it before it learns that this saga is over. */
  async delivered(): Promise<void> {
    await Promise.all(this.pending);
  }
}
