import { isDeepStrictEqual } from 'node:util';
import { ApplicationFailure } from '@temporalio/common';
import type { Probed, Undo } from '../saga';
import type { Effect } from './effect';
import type { ParticipantBackend } from './participant-backend';
import { answerOf, type SagaUnderTest } from './saga-under-test';
import type { SeenOperation } from './seen-operation';

type Row =
  | { readonly state: 'blocked' }
  | { readonly state: 'refused'; readonly code: string }
  | { readonly state: 'done'; readonly input: unknown; readonly output: unknown; undone: boolean };

/** The rules of the barrier, in memory (B1–B5, B8): a transaction takes no time, and none is lost. */
export class InMemoryBackend implements ParticipantBackend {
  readonly effects: Effect[] = [];
  private readonly rows = new Map<string, Row>();

  constructor(private readonly saga: SagaUnderTest) {}

  perform(argument: unknown, operation: SeenOperation, refusal?: string): unknown {
    const { call, step } = operation;
    if (call.op === 'undo') return this.undo(argument as Undo<unknown, unknown>, operation);
    if (call.op === 'probe') return this.probe(step);
    if (refusal !== undefined && !this.rows.has(step))
      this.rows.set(step, { state: 'refused', code: refusal });
    return this.act(argument, operation);
  }

  findProblems(): string[] {
    return [];
  }

  /** B1, B2, B4, B5, B8. */
  private act(input: unknown, { call, step }: SeenOperation): unknown {
    const row = this.rows.get(step);
    if (row?.state === 'blocked' || (row?.state === 'done' && row.undone)) {
      throw ApplicationFailure.nonRetryable(`${step} came after its compensation`, 'ACTION_BLOCKED');
    }
    if (row?.state === 'refused') throw ApplicationFailure.nonRetryable(`${step} was refused`, row.code);
    if (row?.state === 'done') {
      if (isDeepStrictEqual(row.input, input)) return row.output;
      throw ApplicationFailure.nonRetryable(`${step} was called with another input`, 'KEY_CONFLICT');
    }
    const output = answerOf(this.saga, step)(input);
    this.rows.set(step, { state: 'done', input, output, undone: false });
    if (call.kind !== 'read-only') this.effects.push({ op: 'do', step, input, output });
    return output;
  }

  /** B3. That its input is the action's is for `findBrokenPromises` to say, sooner than a saga that is stuck would. */
  private undo({ input }: Undo<unknown, unknown>, { call, step }: SeenOperation): void {
    const row = this.rows.get(step);
    if (!row) this.rows.set(step, { state: 'blocked' });
    if (row?.state !== 'done' || row.undone) return;
    row.undone = true;
    const { reason } = call;
    this.effects.push({
      op: 'undo',
      step,
      input,
      output: row.output,
      ...(reason !== undefined && { reason }),
    });
  }

  /** What is not there may still be on its way: only what is refused or blocked is never going to happen. */
  private probe(step: string): Probed<unknown> {
    const row = this.rows.get(step);
    if (!row) return { happened: 'unknown' };
    return row.state === 'done' ? { happened: 'yes', output: row.output } : { happened: 'no' };
  }
}
