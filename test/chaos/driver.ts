import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { type SagaClient, SagaClientError, type SagaOutcome } from '../../src/client';
import { fulfilment, orderSagaId, reviewOrder } from '../../services/order/fulfilment';
import type { Act } from './plan/order-kinds';
import type { PlannedOrder } from './plan/plan';
import type { FaultLog } from './worker/fault-log';

/** One order is placed in so many milliseconds: what two busy cores can do while they also start servers again. */
export const PACE_MS = 400;
/**
 * No more sagas than this are under way at a time. On a slow machine a server that is killed every half minute does
 * nothing but recover when there are many more.
 */
const OPEN_AT_MOST = 50;
/** Longer than a saga takes that nobody has to wait for. */
const ASK_AGAIN_MS = 15_000;

/** What a run knows of itself: which sagas it was told are started, and which it was told have ended. */
class RunRecord {
  readonly started = new Set<string>();
  readonly ended = new Set<string>();

  get open(): number {
    return this.started.size - this.ended.size;
  }
}

/** Places orders as their customers do, and acts for the customers and the reviewer. Every call is repeated until it gets through. */
export class Driver {
  readonly record = new RunRecord();
  private readonly orders: Promise<void>[] = [];
  private readonly acts = new Map<string, Act>();

  constructor(
    private readonly client: SagaClient,
    private readonly faultLog: FaultLog,
    private readonly signal: AbortSignal,
  ) {
    // Every customer who waits listens; that is no leak.
    setMaxListeners(0, signal);
  }

  /** Places all of them, at an even pace. */
  async place(plan: readonly PlannedOrder[]): Promise<void> {
    for (const planned of plan) {
      while (this.orders.length - this.record.ended.size >= OPEN_AT_MOST) await this.pause(100);
      this.orders.push(this.follow(planned));
      await this.pause(PACE_MS);
    }
  }

  /** Waits until every saga has closed, also those that were reset after they had. To be called when no reset comes any more. */
  async settled(): Promise<void> {
    await Promise.all(this.orders);
    for (const sagaId of this.record.started) await this.waitForClose(sagaId);
  }

  private async follow({ order, act, placement }: PlannedOrder): Promise<void> {
    const sagaId = orderSagaId(order.orderId);
    await this.persist(() => this.client.start({ ...fulfilment, placement }, order));
    this.record.started.add(sagaId);
    if (act !== undefined) {
      await this.pause(act.afterMs);
      await this.act(sagaId, act.what);
      this.acts.set(sagaId, act.what);
    }
    await this.waitForClose(sagaId);
    this.record.ended.add(sagaId);
  }

  /**
   * A run that is waited for ends when its saga is reset, and another one goes on. That has forgotten what people said to the
   * one before it after that point, so they say it again.
   */
  private async waitForClose(sagaId: string): Promise<void> {
    for (let open = true; open;) {
      const outcome = this.persist(() => this.client.waitForClose(sagaId));
      const ended = await Promise.race([outcome, this.pause(ASK_AGAIN_MS)]);
      open = ended === undefined || isOpen(ended);
      const act = this.acts.get(sagaId);
      if (ended === undefined && act !== undefined) await this.act(sagaId, act);
    }
  }

  private act(sagaId: string, what: Act): Promise<void> {
    return what === 'cancel' ? this.cancel(sagaId) : this.review(sagaId, what);
  }

  private async cancel(sagaId: string): Promise<void> {
    try {
      await this.persist(() => this.client.cancel(sagaId));
      this.faultLog.fired('cancel', sagaId);
    } catch (error) {
      if (!isCode(error, 'SAGA_ENDED')) throw error;
    }
  }

  /** Asks again until the order waits for its review, or has ended without. */
  private async review(sagaId: string, decision: 'approve' | 'decline'): Promise<void> {
    for (;;) {
      try {
        await this.persist(() => this.client.update(sagaId, reviewOrder, { decision, actor: 'a-reviewer' }));
        return;
      } catch (error) {
        if (isCode(error, 'SAGA_ENDED')) return;
        if (!isCode(error, 'UPDATE_REFUSED')) throw error;
        // The answer to an earlier attempt of ours may have been lost.
        if ((error as Error).message.includes('already decided')) return;
      }
      await this.pause(2_000);
    }
  }

  /** What a server that is down, or a worker that is gone, says is no answer: ask again. */
  private async persist<T>(ask: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await ask();
      } catch (error) {
        this.signal.throwIfAborted();
        if (error instanceof SagaClientError && error.code !== 'NO_ANSWER') throw error;
        await this.pause(500);
      }
    }
  }

  private pause(ms: number): Promise<undefined> {
    return sleep(ms, undefined, { signal: this.signal });
  }
}

function isOpen({ kind }: SagaOutcome<unknown>): boolean {
  return kind === 'running' || kind === 'stuck';
}

function isCode(error: unknown, code: SagaClientError['code']): boolean {
  return error instanceof SagaClientError && error.code === code;
}
