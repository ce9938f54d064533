import { Context } from '@temporalio/activity';
import { action, compensation, type Database, Refusal } from '../participant';
import { databaseOn } from '../participant/database';
import type { Probed, StepCall, Undo } from '../saga';
import type { Effect } from './effect';
import type { ParticipantBackend } from './participant-backend';
import { answerOf, type SagaUnderTest } from './saga-under-test';
import type { MakeBackend } from './troubled-participants';
import type { SeenOperation } from './seen-operation';
import { DatabaseFaults } from './simulation/postgres/faults';
import { effectsIn, writeEffect } from './simulation/postgres/ledger';
import { SimulatedPool } from './simulation/postgres/pool';
import { SimulatedServer } from './simulation/postgres/server';
import type { SimulatedTime } from './simulation/postgres/session';

/** Of all participants, as a worker's settings have it. In milliseconds. */
const MAX_STATEMENT_MS = 5_000;

/** A process of the participants, with its pool. */
interface ParticipantProcess {
  readonly pool: SimulatedPool;
  readonly database: Database;
}

/** Contracts are not what is tested here. */
const anything = { parse: (value: unknown) => value };
const contract = { input: anything, output: anything };

/** Makes backends with the barrier. @param between may stand between the barrier and its database. */
export function barrierBackend(
  between: (database: Database) => Database = (database) => database,
): MakeBackend {
  return (saga, simulation, { database }) =>
    new BarrierBackend(saga, simulation, new DatabaseFaults(simulation, database), between);
}

/**
 * The participants' barrier, database layer and activity adapters, as they run in production, on a simulated PostgreSQL that all of them
 * share. The business change of a step is a row in a ledger and a transfer between two accounts.
 */
class BarrierBackend implements ParticipantBackend {
  private readonly server: SimulatedServer;
  private readonly problems: string[] = [];
  private process: ParticipantProcess | undefined;

  constructor(
    private readonly saga: SagaUnderTest,
    private readonly time: SimulatedTime,
    private readonly faults: DatabaseFaults,
    private readonly between: (database: Database) => Database,
  ) {
    this.server = new SimulatedServer(time);
  }

  get effects(): readonly Effect[] {
    return effectsIn(this.server.tables.ledger);
  }

  async perform(argument: unknown, operation: SeenOperation, refusal?: string): Promise<unknown> {
    const { call, step } = operation;
    if (call.op === 'probe') return this.probe(call);
    const isLate = call.op === 'do' && this.isUndone(call);
    const process = (this.process ??= this.startProcess());
    const work =
      call.op === 'do'
        ? this.act(process.database, argument, operation, refusal)
        : this.undo(process.database, argument as Undo<unknown, unknown>, operation);
    const { cancelled } = Context.current();
    // A process that has died answers nothing, and nobody waits longer than for the attempt.
    const answer = await Promise.race([work, process.pool.died.then(() => cancelled), cancelled]);
    if (isLate) this.problems.push(`B8: ${step} was answered although its compensation had come before`);
    return answer;
  }

  findProblems(): string[] {
    const { tables, openTransactions } = this.server;
    const [, theirs] = tables.accounts.committed();
    const net = this.effects.reduce((sum, { op }) => sum + (op === 'do' ? 1 : -1), 0);
    return [
      ...this.problems,
      ...(theirs?.['balance'] === net
        ? []
        : [`the balance is ${String(theirs?.['balance'])}, and the effects make ${net}`]),
      ...(openTransactions === 0 ? [] : [`${openTransactions} transactions are still open`]),
    ];
  }

  private startProcess(): ParticipantProcess {
    const pool = new SimulatedPool(this.server, this.faults);
    void pool.died.then(() => (this.process = undefined));
    const options = { maxStatementMs: MAX_STATEMENT_MS, onError: () => undefined };
    return { pool, database: this.between(databaseOn(pool, options, () => this.time.now)) };
  }

  private async act(
    database: Database,
    input: unknown,
    { call, step }: SeenOperation,
    refusal: string | undefined,
  ): Promise<unknown> {
    return await action(database, contract, async (tx, given) => {
      const output = answerOf(this.saga, step)(given);
      if (call.kind !== 'read-only') {
        const effect: Effect = { op: 'do', step, input: given, output };
        await writeEffect(tx, call.sagaId, effect, this.time.pick(2) === 1);
      }
      if (refusal !== undefined) throw new Refusal(refusal, `${step} was refused`);
      return output;
    })(input, call);
  }

  private async undo(
    database: Database,
    undo: Undo<unknown, unknown>,
    { call, step }: SeenOperation,
  ): Promise<void> {
    await compensation(database, contract, async (tx, { input, output }) => {
      const { reason } = call;
      const effect: Effect = { op: 'undo', step, input, output, ...(reason !== undefined && { reason }) };
      await writeEffect(tx, call.sagaId, effect, this.time.pick(2) === 1);
    })(undo, call);
  }

  /** What is not there may still be on its way: only what is refused or blocked is never going to happen. */
  private probe(call: StepCall): Probed<unknown> {
    const row = this.rowOf(call, 'do');
    if (!row) return { happened: 'unknown' };
    return row['state'] === 'done' ? { happened: 'yes', output: row['result'] } : { happened: 'no' };
  }

  private isUndone(call: StepCall): boolean {
    return this.rowOf(call, 'undo') !== undefined || this.rowOf(call, 'do')?.['state'] === 'blocked';
  }

  private rowOf({ namespace, sagaId, step }: StepCall, op: 'do' | 'undo') {
    return this.server.tables.barrier
      .committed()
      .find(
        (row) =>
          row['namespace'] === namespace &&
          row['saga_id'] === sagaId &&
          row['step'] === step &&
          row['op'] === op,
      );
  }
}
