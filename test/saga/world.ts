import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { RemainingRecord } from '../../src/client';
import type { Operation, StepCall } from '../../src/saga';
import { inMemoryRecords, remainingRecord } from '../../src/testing/records';
import { until } from '../support/until';
import type { WorldActivities } from './program-steps';

/**
 * What an attempt of an operation does:
 * - `ok`: its effect happens and it answers;
 * - `refuse`: it says NO, and nothing happens;
 * - `transient`: a retryable failure before the effect;
 * - `put-off`: a retryable failure that says when to come again, later than a workflow task may wait for;
 * - `permanent`: a failure that is no refusal and cannot be retried;
 * - `effect-then-timeout`: its effect happens and its answer never comes;
 * - `held`: it waits for the test's `release`, then is `ok`; `held-then-refuse`: then refuses. On a slow machine it may time out
 *   before; its retry waits as well.
 */
export type Behaviour =
  | 'ok'
  | 'refuse'
  | 'transient'
  | 'put-off'
  | 'permanent'
  | 'effect-then-timeout'
  | 'held'
  | 'held-then-refuse';

/** A participant under a test's command. It keeps what happened in order, and acts once by key, as a barrier does. */
export class World {
  /** `do a`, `undo a`, … as the effects happened. */
  readonly effects: string[] = [];
  /** Every attempt that arrived, also those without an effect. */
  readonly attempts: string[] = [];
  /** The undo argument each compensation was given, by step. */
  readonly undone = new Map<string, { input: unknown; output?: unknown; reason?: string }>();
  /** The call of every attempt. */
  readonly calls: StepCall[] = [];
  private readonly scripts = new Map<string, Behaviour[]>();
  private readonly released = new Set<string>();
  private readonly gates = new Map<string, () => void>();
  /** What the operations are that wait for their release. */
  private readonly holding = new Map<string, Behaviour>();

  /** The behaviour of the operation's attempts in turn; after the last one all are `ok`. */
  script(operation: `${Operation} ${string}`, ...behaviours: Behaviour[]): this {
    this.scripts.set(operation, behaviours);
    return this;
  }

  /** Waits until attempts of these operations arrived; an operation named twice must have arrived twice. */
  async arrived(...operations: string[]): Promise<void> {
    await until(`${operations.join(' and ')} arrived`, () =>
      operations.every((operation) => count(this.attempts, operation) >= count(operations, operation)),
    );
  }

  /** Lets an operation that is `held` go on, now or when it arrives. */
  release(operation: string): void {
    const gate = this.gates.get(operation);
    if (gate) gate();
    else this.released.add(operation);
  }

  readonly activities: WorldActivities = {
    act: async ({ step }, call) => {
      await this.perform(call);
      return { did: step };
    },
    takeBack: async (undo, call) => {
      this.undone.set(call.step, { ...undo, ...(call.reason !== undefined && { reason: call.reason }) });
      await this.perform(call);
    },
    ask: async ({ step }, call) => {
      this.calls.push(call);
      if (this.probes === 'broken') throw ApplicationFailure.nonRetryable('no answer', 'BROKEN');
      if (this.probes === 'unknown') return { happened: 'unknown' };
      const happened = this.effects.includes(`do ${call.step}`);
      return happened ? { happened: 'yes', output: { did: step } } : { happened: 'no' };
    },
  };

  /** What probes answer; by itself an action that has had its effect happened, and any other did not. */
  probes: 'honest' | 'unknown' | 'broken' = 'honest';

  /** The remaining effects of a saga, as the rows of a barrier would tell it. */
  readonly records = inMemoryRecords('world', (sagaIds) => sagaIds.flatMap((id) => this.remaining(id)));

  private remaining(sagaId: string): RemainingRecord[] {
    const done = this.calls.filter(
      ({ op, step }, index) =>
        op === 'do' &&
        this.effects.includes(`do ${step}`) &&
        !this.effects.includes(`undo ${step}`) &&
        this.calls.findIndex((other) => other.op === 'do' && other.step === step) === index,
    );
    return done
      .filter((call) => call.sagaId === sagaId)
      .map((call) => {
        const { step } = call;
        const at = this.doneAt.get(step) ?? 0;
        return remainingRecord(call, { taskQueue: 'world', input: { step }, output: { did: step }, at });
      });
  }

  /** When an action had its effect, in epoch milliseconds, by its step. */
  private readonly doneAt = new Map<string, number>();

  /** The actions that an undo came before, of each saga apart. */
  private readonly blocked = new Set<string>();

  private async gate(operation: string): Promise<void> {
    if (this.released.delete(operation)) return;
    const gate = new Promise<void>((resolve) => this.gates.set(operation, resolve));
    await Promise.race([gate, Context.current().cancelled]);
  }

  private async perform(call: StepCall): Promise<void> {
    const operation = `${call.op} ${call.step}`;
    this.attempts.push(operation);
    this.calls.push(call);
    // B8: as behind the barrier.
    const key = `${call.sagaId} ${call.step}`;
    if (call.op === 'do' && this.blocked.has(key))
      throw ApplicationFailure.nonRetryable(`${call.step} was compensated`, 'ACTION_BLOCKED');
    const isRetry = Context.current().info.attempt > 1;
    const behaviour =
      (isRetry && this.holding.get(operation)) || (this.scripts.get(operation)?.shift() ?? 'ok');
    if (behaviour === 'held' || behaviour === 'held-then-refuse') {
      this.holding.set(operation, behaviour);
      await this.gate(operation);
      this.holding.delete(operation);
    }
    if (behaviour === 'refuse' || behaviour === 'held-then-refuse')
      throw ApplicationFailure.nonRetryable(`${call.step} says no`, 'NO');
    if (behaviour === 'transient') throw ApplicationFailure.retryable(`${call.step} is busy`, 'BUSY');
    if (behaviour === 'put-off')
      throw ApplicationFailure.create({
        type: 'BUSY',
        message: `${call.step} is busy`,
        nextRetryDelay: '10 minutes',
      });
    if (behaviour === 'permanent') throw ApplicationFailure.nonRetryable(`${call.step} is broken`, 'BROKEN');
    if (!this.effects.includes(operation)) this.effects.push(operation);
    if (call.op === 'do' && !this.doneAt.has(call.step)) this.doneAt.set(call.step, Date.now());
    if (call.op === 'undo') this.blocked.add(key);
    if (behaviour === 'effect-then-timeout') await Context.current().cancelled;
  }
}

function count(among: readonly string[], wanted: string): number {
  return among.filter((one) => one === wanted).length;
}
