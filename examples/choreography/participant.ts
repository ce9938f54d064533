import {
  ActionBlocked,
  Barrier,
  type CompletedAction,
  type Database,
  type Operation,
  Refusal,
  type StepCall,
  type Transaction,
} from '../../src/participant';
import { orderSagaId } from '../../services/order/fulfilment';
import type { ShopEvent } from './events';
import { publish } from './outbox';

/** Keeps these orders apart from those of an orchestrator that use the same databases. */
const namespace = 'choreography';

export function callOf(orderId: string, step: string, op: Operation, reason?: string): StepCall {
  const sagaId = orderSagaId(orderId);
  return {
    namespace,
    sagaId,
    step,
    op,
    key: `${namespace}/${sagaId}/${step}/${op}`,
    ...(reason && { reason }),
  };
}

interface Step {
  readonly orderId: string;
  readonly name: string;
  /** Announces a refusal, whose code it is given. */
  readonly refused?: (reason: string) => ShopEvent;
}

/** A service that reacts to events. The barrier is its inbox: an event that is delivered again changes nothing. */
export class Participant {
  private readonly barrier: Barrier;

  constructor(readonly database: Database) {
    this.barrier = new Barrier(database);
  }

  /**
   * Acts once, in one transaction: the barrier's row, the change, and the events that `work` publishes.
   * @returns what the first call answered; undefined if it refused, or if the step was undone before it acted.
   */
  async act<Input, Output>(
    { orderId, name, refused }: Step,
    input: Input,
    work: (tx: Transaction, input: Input, call: StepCall) => Promise<Output>,
  ): Promise<Output | undefined> {
    const call = callOf(orderId, name, 'do');
    try {
      return await this.barrier.do(call, input, (tx) => work(tx, input, call));
    } catch (error) {
      // The order was closed before its event came here.
      if (error instanceof ActionBlocked) return undefined;
      if (!(error instanceof Refusal) || refused === undefined) throw error;
      // A refusal rolled the transaction back. If this one is lost, the job is tried again and comes here again.
      await this.publish(refused(error.code));
      return undefined;
    }
  }

  /** Undoes a step, or blocks it for good if it has not acted yet. */
  async undo<Input, Output>(
    { orderId, name }: Step,
    reason: string,
    input: Input,
    work: (tx: Transaction, done: CompletedAction<Input, Output>, call: StepCall) => Promise<void>,
  ): Promise<void> {
    const call = callOf(orderId, name, 'undo', reason);
    await this.barrier.undo<Input, Output>(call, input, (tx, done) => work(tx, done, call));
  }

  /** Publishes an event that announces no change. */
  async publish(event: ShopEvent): Promise<void> {
    await this.database.transaction((tx) => publish(tx, event));
  }
}
