import { type Client, isGrpcServiceError } from '@temporalio/client';
import { plainText } from '../saga/core/plain-text';
import { SagaStatus } from '../saga/search-attributes';
import { RESCUE } from '../saga/step';
import { SagaClientError } from './errors';
import { Examiner } from './examine';
import type { Finding } from './finding';
import { listFailing } from './failing-task';
import { readRemaining } from './records';
import { type RescueSources, startRescue } from './rescue';
import { readUndone } from './undone';
import { type ListedExecution, listExecutions } from './visibility';

/** What an audit does besides looking. */
export interface AuditOptions {
  /** Whether to start the rescue of each saga for which that is the advice. @default false */
  readonly rescue?: boolean;
  /** Sagas read at a time from the records, and asked for at a time from visibility. @default 200 */
  readonly pageSize?: number;
}

/** Sagas examined at once. */
const EXAMINED_AT_ONCE = 10;

/**
 * Compares Temporal with the records, page by page, and gives each saga that is found once: first from visibility those
 * that are stuck, fail their task, were terminated or timed out, or say that they left something; then from the records
 * those of which an effect remains, and those of which one is undone. A saga that the records know is left to them: they
 * need no visibility, and so miss none that has only just ended. A saga that cannot be examined is a finding.
 */
export async function* audit(
  client: Client,
  sources: RescueSources,
  { rescue = false, pageSize = 200 }: AuditOptions,
): AsyncGenerator<Finding> {
  const pass = new Audit(client, sources, pageSize);
  for await (const finding of pass.findings()) {
    yield rescue && finding.advice === 'rescue'
      ? await startAdvisedRescue(client, finding, sources)
      : finding;
  }
}

class Audit {
  private readonly examiner: Examiner;

  constructor(
    private readonly client: Client,
    private readonly sources: RescueSources,
    private readonly pageSize: number,
  ) {
    this.examiner = new Examiner(client, this.records);
  }

  async *findings(): AsyncGenerator<Finding> {
    yield* this.findStuck();
    yield* this.findFailing();
    yield* this.findClosed();
    yield* this.findRecorded();
    yield* this.findUndone();
  }

  private get records() {
    return this.sources.records ?? [];
  }

  private async *findStuck(): AsyncGenerator<Finding> {
    for await (const page of this.listed(`SagaStatus = 'STUCK' AND ExecutionStatus = 'Running'`)) {
      yield* examineAll(page, idOf, async ({ workflowId }) => await this.examiner.examineStuck(workflowId));
    }
  }

  private async *findFailing(): AsyncGenerator<Finding> {
    for await (const page of pagesOf(listFailing(this.client, this.pageSize), this.pageSize)) {
      const others = page.filter(
        ({ typedSearchAttributes }) => typedSearchAttributes.get(SagaStatus) !== 'STUCK',
      );
      yield* this.findUnrecorded(others);
    }
  }

  private async *findClosed(): AsyncGenerator<Finding> {
    const query =
      `SagaStatus IS NOT NULL AND (ExecutionStatus IN ('Terminated', 'TimedOut') OR ` +
      `(ExecutionStatus = 'Failed' AND SagaStatus != 'COMPENSATED' AND SagaStatus != 'PARTLY_COMPENSATED') OR ` +
      `(ExecutionStatus = 'Completed' AND SagaStatus = 'PARTLY_COMPENSATED'))`;
    for await (const page of this.listed(query)) yield* this.findUnrecorded(page);
  }

  /** Those of which nothing remains by the records: they are not examined from there. */
  private async *findUnrecorded(page: readonly ListedExecution[]): AsyncGenerator<Finding> {
    const remaining = await this.remainingOf(page.map(({ workflowId }) => workflowId));
    yield* examineAll(page, idOf, async (workflow) => {
      const { workflowId, runId, type, status } = workflow;
      if (type === RESCUE && status.name === 'COMPLETED') return undefined;
      if (type === RESCUE && status.name !== 'RUNNING') return await this.examiner.examineReverse(workflow);
      return remaining.has(workflowId) ? undefined : await this.examiner.examine(workflowId, [], runId);
    });
  }

  private async *findRecorded(): AsyncGenerator<Finding> {
    for (const [index, source] of this.records.entries()) {
      for await (const page of source.sagaIds(this.client.options.namespace, this.pageSize)) {
        const seen = await readRemaining(this.client, this.records.slice(0, index), page);
        const sagaIds = page.filter((sagaId) => !seen.has(sagaId));
        const undone = await this.undoneOf(sagaIds);
        yield* examineAll(sagaIds, sameId, (sagaId) => this.examiner.examine(sagaId, undone.get(sagaId)));
      }
    }
  }

  /** Those of which nothing remains: the others have been examined. */
  private async *findUndone(): AsyncGenerator<Finding> {
    for (const [index, source] of this.records.entries()) {
      for await (const page of source.undoneSagaIds(this.client.options.namespace, this.pageSize)) {
        const remaining = await this.remainingOf(page);
        const seen = await readUndone(this.client, this.records.slice(0, index), page);
        const sagaIds = page.filter((sagaId) => !remaining.has(sagaId) && !seen.has(sagaId));
        const undone = await this.undoneOf(sagaIds);
        yield* examineAll(sagaIds, sameId, (sagaId) =>
          this.examiner.examineUndone(sagaId, undone.get(sagaId)),
        );
      }
    }
  }

  /** To be read before a saga is examined: what is undone by then, a reverse that begins later did not do. */
  private async undoneOf(sagaIds: readonly string[]) {
    return await readUndone(this.client, this.records, sagaIds);
  }

  private async remainingOf(sagaIds: readonly string[]) {
    return await readRemaining(this.client, this.records, sagaIds);
  }

  private listed(query: string): AsyncGenerator<readonly ListedExecution[]> {
    return pagesOf(listExecutions(this.client, query, this.pageSize), this.pageSize);
  }
}

async function* pagesOf<T>(items: AsyncIterable<T>, pageSize: number): AsyncGenerator<readonly T[]> {
  let page: T[] = [];
  for await (const item of items) {
    if (page.push(item) < pageSize) continue;
    yield page;
    page = [];
  }
  if (page.length > 0) yield page;
}

const idOf = ({ workflowId }: ListedExecution) => workflowId;
const sameId = (sagaId: string) => sagaId;

async function* examineAll<T>(
  items: readonly T[],
  sagaIdOf: (item: T) => string,
  examine: (item: T) => Promise<Finding | undefined>,
): AsyncGenerator<Finding> {
  const examined = (item: T) => examine(item).catch((error: unknown) => notExamined(sagaIdOf(item), error));
  for (let from = 0; from < items.length; from += EXAMINED_AT_ONCE) {
    const found = await Promise.all(items.slice(from, from + EXAMINED_AT_ONCE).map(examined));
    for (const finding of found) if (finding) yield finding;
  }
}

/** gRPC's numbers for what is wrong with a server, or with the permission to ask it, and not with one workflow. */
const SERVER_ERRORS: ReadonlySet<number> = new Set([1, 4, 7, 8, 14, 16]);

/** One saga that cannot be read does not hide the others. @throws what would fail for every saga. */
function notExamined(sagaId: string, error: unknown): Finding {
  const cause = error instanceof Error && !isGrpcServiceError(error) ? error.cause : error;
  if (isGrpcServiceError(cause) && SERVER_ERRORS.has(Number(cause.code))) throw error;
  const what = error instanceof Error ? error.message : String(error);
  const message = plainText(`the audit could not examine it: ${what}`);
  return { sagaId, code: 'NOT_EXAMINED', effects: [], advice: 'by-hand', message };
}

/** What made it impossible since the saga was examined is left to a person. */
async function startAdvisedRescue(
  client: Client,
  finding: Finding,
  sources: RescueSources,
): Promise<Finding> {
  try {
    const { rescueId } = await startRescue(client, finding.sagaId, 'rescue', sources);
    return { ...finding, rescueId };
  } catch (error) {
    if (!(error instanceof SagaClientError)) return notExamined(finding.sagaId, error);
    return { ...finding, advice: 'by-hand', message: `its rescue was refused: ${error.message}` };
  }
}
