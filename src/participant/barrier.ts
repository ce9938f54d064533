import type { StepCall } from '../saga/call';
import { insertRow, readAction, storeResult } from './barrier-rows';
import type { ActionRow, AttemptOrigin } from './barrier-rows';
import type { Database } from './database';
import { ActionBlocked, KeyConflict } from './errors';
import { Refusal } from './refusal';
import { framed, type FramedTransaction, type Transaction } from './transaction';

/** What a compensation undoes: the action's input, and the output that the barrier stored. */
export interface CompletedAction<Input, Output> {
  readonly input: Input;
  readonly output: Output;
}

/**
 * Makes an action act at most once and its compensation undo exactly what happened, whatever is repeated,
 * concurrent, or late. The unique key (namespace, saga, step, op) orders concurrent calls: the second one
 * waits for the first one's transaction and then finds its outcome. Inputs are kept and compared as they were sent (B9).
 */
export class Barrier {
  constructor(private readonly database: Database) {}

  /**
   * Runs `work` unless this call was answered before, and returns the stored result (B1). Input and result
   * are kept as JSON, so the first answer equals every later one.
   *
   * @param deadline see {@link Database.transaction}.
   * @param origin is kept with the row, for a rescue that has no history to read.
   * @throws Refusal when `work` refuses, now or at an earlier call (B2).
   * @throws ActionBlocked when the compensation came first (B4), or has undone the action (B8).
   * @throws KeyConflict when the same call was made with another input (B5).
   */
  async do<Input, Output>(
    call: StepCall,
    input: Input,
    work: (tx: Transaction) => Promise<Output>,
    deadline?: number,
    origin?: AttemptOrigin,
  ): Promise<Output> {
    const row = await this.runAction(call, input, work, deadline, origin);
    if (row.state === 'blocked' || row.state === 'undone') throw new ActionBlocked(call.key);
    if (!row.sameInput) throw new KeyConflict(call.key);
    if (row.state === 'refused') throw new Refusal(row.refusalCode, row.refusalMessage);
    return row.result;
  }

  /**
   * Undoes the action of this step (B3): blocks it for good if it has not acted yet, does nothing if it was
   * refused, else runs `work` once with the stored input and result. Repeating it succeeds and runs nothing.
   *
   * @param deadline see {@link Database.transaction}.
   * @throws KeyConflict when what was done had another input (B5): it was the action of some other saga that
   * used this saga's id before, and is not this one's to undo. Not when an operator has corrected the input (S6).
   */
  async undo<Input, Output>(
    call: StepCall,
    input: Input,
    work: (tx: Transaction, stored: CompletedAction<Input, Output>) => Promise<void>,
    deadline?: number,
  ): Promise<void> {
    await this.transaction(async (tx) => {
      if (await insertRow(tx.first, call, { op: 'do', state: 'blocked', input })) return;
      const action = await readAction<Output>(tx.query, call, input);
      if (action.state === 'refused' || action.state === 'blocked') return;
      if (!action.sameInput && !call.corrected) throw new KeyConflict(call.key);
      if (action.state === 'undone') return;
      await insertRow(tx.query, call, { op: 'undo', state: 'done', input });
      await work(tx, { input: action.input as Input, output: action.result });
    }, deadline);
  }

  private async runAction<Input, Output>(
    call: StepCall,
    input: Input,
    work: (tx: Transaction) => Promise<Output>,
    deadline?: number,
    origin?: AttemptOrigin,
  ): Promise<ActionRow<Output>> {
    try {
      return await this.transaction(async (tx) => {
        const isNew = await insertRow(tx.first, call, { op: 'do', state: 'done', input, origin });
        if (!isNew) return readAction<Output>(tx.last, call, input);
        return storeResult<Output>(tx.last, call, input, await work(tx));
      }, deadline);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return this.storeRefusal<Input, Output>(call, input, error, deadline);
    }
  }

  /**
   * Keeps a refusal in a transaction of its own: the one it was thrown in took the business change and the
   * row back. If another call of the same key settled in between, that call's outcome is the outcome.
   */
  private storeRefusal<Input, Output>(
    call: StepCall,
    input: Input,
    refusal: Refusal,
    deadline?: number,
  ): Promise<ActionRow<Output>> {
    return this.transaction(async (tx) => {
      await insertRow(tx.first, call, { op: 'do', state: 'refused', input, refusal });
      return readAction<Output>(tx.last, call, input);
    }, deadline);
  }

  private transaction<Result>(
    work: (tx: FramedTransaction) => Promise<Result>,
    deadline: number | undefined,
  ): Promise<Result> {
    return this.database.transaction((tx) => work(framed(tx)), deadline);
  }
}
