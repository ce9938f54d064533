import { isGrpcServiceError, ServiceError } from '@temporalio/client';
import type { ListedSaga, SagaClient, SagaFilter } from '../client';
import type { Cause } from './cause';
import type { AlertLogger } from './sink';

const DEADLINE = 'DEADLINE_EXCEEDED';
const STUCK_OR_LATE = `SagaStatus = 'STUCK' OR SagaReason = '${DEADLINE}'`;
/** gRPC's number for a filter that the server refuses. */
const INVALID_ARGUMENT = 3;

/** Finds the running sagas that have a problem: one query, whose answer is as long as there are such sagas. */
export class Scan {
  private knowsProblems = true;

  constructor(
    private readonly client: SagaClient,
    private readonly filter: Omit<SagaFilter, 'state'>,
    private readonly logger: AlertLogger,
  ) {}

  /** @throws ServiceError when the server cannot be reached, or refuses the filter. */
  async *causes(): AsyncGenerator<Cause> {
    let any = false;
    try {
      for await (const saga of this.sagas()) {
        any = true;
        yield* causesOf(saga);
      }
    } catch (error) {
      if (any || !this.knowsProblems || !isRefusedFilter(error)) throw error;
      // A server before 1.30. If it was the caller's filter that was refused, it is refused again.
      this.knowsProblems = false;
      try {
        for await (const saga of this.sagas()) yield* causesOf(saga);
      } catch (again) {
        this.knowsProblems = true;
        throw again;
      }
      this.logger.warn(
        {},
        'the server has no TemporalReportedProblems: task-failing needs server 1.30 or newer',
      );
    }
  }

  private sagas(): AsyncIterable<ListedSaga> {
    const { where, ...rest } = this.filter;
    const problem = this.knowsProblems
      ? `${STUCK_OR_LATE} OR TemporalReportedProblems IS NOT NULL`
      : STUCK_OR_LATE;
    const condition = `ExecutionStatus = 'Running' AND (${problem})`;
    return this.client.list({
      ...rest,
      where: where === undefined ? condition : `(${where}) AND (${condition})`,
    });
  }
}

function* causesOf(saga: ListedSaga): Generator<Cause> {
  const { sagaId, runId, workflow, stuckStep, problem } = saga;
  const common = { sagaId, runId, workflow };
  if (saga.saga === 'STUCK')
    yield { kind: 'saga-stuck', ...common, ...(stuckStep !== undefined && { step: stuckStep }) };
  if (problem !== undefined) yield { kind: 'task-failing', ...common, code: problemCode(problem) };
  if (saga.reason === DEADLINE) yield { kind: 'deadline-passed', ...common, code: DEADLINE };
}

/** `category=WorkflowTaskFailed, cause=WorkflowTaskFailedCauseNonDeterministicError` is `NonDeterministicError`. */
function problemCode(problem: string): string {
  return /cause=(?:WorkflowTask(?:Failed|TimedOut)Cause)?(\w+)/.exec(problem)?.[1] ?? problem;
}

function isRefusedFilter(error: unknown): boolean {
  if (!(error instanceof ServiceError) || !isGrpcServiceError(error.cause)) return false;
  return Number(error.cause.code) === INVALID_ARGUMENT;
}
