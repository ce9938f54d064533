import { MockActivityEnvironment } from '@temporalio/testing';
import { setTimeout as sleep } from 'node:timers/promises';
import { inventoryActivities } from '../../activities/inventory';
import { orderActivities } from '../../activities/order';
import { paymentActivities } from '../../activities/payment';
import type { ListedSaga, SagaClient } from '../../src/client';
import { openDatabase } from '../../src/participant';
import type { Database } from '../../src/participant';
import { resolveStep, retryStep, type StepCall } from '../../src/saga';
import type { ServiceUrls } from '../../services/names';
import { orderSagaId } from '../../services/order/fulfilment';
import type { PlannedOrder } from './plan/plan';
import { operatorNeeds } from './worker/inject-faults';
import type { FaultLog } from './worker/fault-log';

type Undo = (undo: { readonly input: unknown; readonly output?: unknown }, call: StepCall) => Promise<void>;

interface Compensation {
  readonly activity: string;
  readonly service: 'order' | 'payment' | 'inventory';
  readonly of: (database: Database) => object;
}

/** The compensations that a plan makes stuck. */
const compensations: Readonly<Record<string, Compensation>> = {
  'open-order': { activity: 'closeOrder', service: 'order', of: orderActivities },
  'reserve-stock': { activity: 'releaseStock', service: 'inventory', of: inventoryActivities },
  'authorise-payment': { activity: 'voidPayment', service: 'payment', of: paymentActivities },
};

/** More than every question, Update and statement of a decision may take together. */
const DECIDED_WITHIN_MS = 30_000;

/** Looks for stuck sagas, reads what each needs, and decides at the desk, as a person does. */
export class Operator {
  private readonly resting = new AbortController();

  private constructor(
    private readonly client: SagaClient,
    private readonly namespace: string,
    private readonly urls: ServiceUrls,
    private readonly plan: ReadonlyMap<string, PlannedOrder>,
    private readonly faultLog: FaultLog,
    private readonly signal: AbortSignal,
    private readonly progress: (line: string) => void,
  ) {}

  static of(
    client: SagaClient,
    namespace: string,
    urls: ServiceUrls,
    plan: readonly PlannedOrder[],
    faultLog: FaultLog,
    signal: AbortSignal,
    progress: (line: string) => void,
  ): Operator {
    const bySaga = new Map(plan.map((planned) => [orderSagaId(planned.order.orderId), planned]));
    return new Operator(client, namespace, urls, bySaga, faultLog, signal, progress);
  }

  /** From now on, until told to {@link rest}. */
  work(): void {
    void this.untilRest();
  }

  rest(): void {
    this.resting.abort();
  }

  private async untilRest(): Promise<void> {
    const signal = AbortSignal.any([this.signal, this.resting.signal]);
    while (!signal.aborted) {
      try {
        for await (const saga of this.client.listStuck()) await this.inTime(saga, signal);
      } catch {
        // A server is down, a worker gone, or the saga has moved on meanwhile: the next look shows what is left.
      }
      await sleep(1_000, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Whatever holds up one decision, the other sagas get theirs. */
  private async inTime(saga: ListedSaga, signal: AbortSignal): Promise<void> {
    const late = sleep(DECIDED_WITHIN_MS, 'late', { signal, ref: false });
    if ((await Promise.race([this.help(saga), late])) === 'late') {
      this.progress(`The operator leaves ${saga.sagaId}, stuck in ${saga.stuckStep}: no end of the decision`);
    }
  }

  private async help({ sagaId, stuckStep, reason }: ListedSaga): Promise<void> {
    const { steps } = await this.client.report(sagaId);
    const step = steps.find(({ name, stuck }) => stuck && (stuckStep === undefined || name === stuckStep));
    if (!step?.stuck) return;
    const decision = { step: step.name, actor: 'an-operator', reason: step.stuck.code };
    const { activity } = compensations[step.name] ?? {};
    switch (step.stuck.code) {
      case operatorNeeds.unreadable:
        await this.client.update(sagaId, retryStep, {
          ...decision,
          input: await this.correctedInput(sagaId, step.name),
        });
        return;
      case operatorNeeds['by-hand']:
        await this.undoByHand(sagaId, step.name, reason);
        await this.client.update(sagaId, resolveStep, decision);
        return;
      default:
        if (activity !== undefined) this.faultLog.repair(`${sagaId} ${activity}`);
        await this.client.update(sagaId, retryStep, decision);
    }
  }

  /** What the action was given, with a note: an input that differs and is good. */
  private async correctedInput(sagaId: string, step: string): Promise<unknown> {
    const input = await this.inputOf(sagaId, step);
    const { shipTo } = input as { readonly shipTo?: object };
    return shipTo === undefined
      ? input
      : { ...(input as object), shipTo: { ...shipTo, postalCode: '10117' } };
  }

  /** Does what the compensation would have done, with the service's own code and behind its barrier. */
  private async undoByHand(sagaId: string, step: string, reason = 'BY_HAND'): Promise<void> {
    const compensation = compensations[step];
    if (!compensation) throw new Error(`nobody knows how to undo ${step} by hand`);
    await this.on(compensation.service, async (database) => {
      const undo = (compensation.of(database) as Record<string, Undo>)[compensation.activity];
      if (!undo) throw new Error(`there is no ${compensation.activity}`);
      const call: StepCall = {
        namespace: this.namespace,
        sagaId,
        step,
        op: 'undo',
        key: `${this.namespace}/${sagaId}/${step}/undo`,
        reason,
      };
      const row = await this.row(database, sagaId, step);
      const done = { input: row.input, ...(row.output !== null && { output: row.output }) };
      await new MockActivityEnvironment().run(undo, done, call);
    });
  }

  private inputOf(sagaId: string, step: string): Promise<unknown> {
    const service = compensations[step]?.service ?? 'order';
    return this.on(service, async (database) => (await this.row(database, sagaId, step)).input);
  }

  private async row(database: Database, sagaId: string, step: string) {
    const [row] = await database.query<{ input: unknown; output: unknown }>(
      `SELECT input, result AS output FROM saga_barrier
       WHERE namespace = $1 AND saga_id = $2 AND step = $3 AND op = 'do'`,
      [this.namespace, sagaId, step],
    );
    // An action that never came: what it would have been given is what blocks it.
    return row ?? { input: this.plan.get(sagaId)?.order ?? null, output: null };
  }

  private async on<T>(
    service: Compensation['service'],
    work: (database: Database) => Promise<T>,
  ): Promise<T> {
    const database = openDatabase({
      url: this.urls[service],
      poolSize: 1,
      maxStatementMs: 5_000,
      applicationName: 'chaos-operator',
      onError: () => undefined,
    });
    try {
      return await work(database);
    } finally {
      await database.close();
    }
  }
}
