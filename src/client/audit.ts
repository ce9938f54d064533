import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import { SagaClientError } from './errors';
import { Examiner } from './examine';
import type { Finding } from './finding';
import { readStanding } from './records';
import { type RescueSources, startRescue } from './rescue';

/** What an audit does besides looking. */
export interface AuditOptions {
  /** Whether to start the rescue of each saga for which that is the advice. @default false */
  readonly rescue?: boolean;
  /** Sagas read at a time from the records, and asked for at a time from visibility. @default 200 */
  readonly pageSize?: number;
}

/** Sagas examined at once. */
const AT_ONCE = 10;

/**
 * Compares Temporal with the records in two passes, page by page, and gives each saga that is found once: first from
 * visibility those that were closed by force or are stuck, then from the records those of which something stands.
 * A saga that the records know is left to the second pass, which needs no visibility and so misses none that has only
 * just ended.
 */
export async function* audit(
  client: Client,
  sources: RescueSources,
  { rescue = false, pageSize = 200 }: AuditOptions,
): AsyncGenerator<Finding> {
  const pass = new Audit(client, sources, pageSize);
  for await (const finding of pass.findings()) {
    yield rescue && finding.advice === 'rescue' ? await rescued(client, finding, sources) : finding;
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
    yield* this.stuck();
    yield* this.closedByForce();
    yield* this.recorded();
  }

  private get records() {
    return this.sources.records ?? [];
  }

  private async *stuck(): AsyncGenerator<Finding> {
    for await (const page of this.listed(`SagaStatus = 'STUCK' AND ExecutionStatus = 'Running'`)) {
      yield* inTurn(page, async ({ workflowId }) => await this.examiner.examineStuck(workflowId));
    }
  }

  private async *closedByForce(): AsyncGenerator<Finding> {
    const query =
      `SagaStatus IS NOT NULL AND (ExecutionStatus IN ('Terminated', 'TimedOut') OR ` +
      `(ExecutionStatus = 'Failed' AND SagaStatus != 'COMPENSATED' AND SagaStatus != 'PARTLY_COMPENSATED'))`;
    for await (const page of this.listed(query)) {
      const standing = await this.standingOf(page.map(({ workflowId }) => workflowId));
      yield* inTurn(page, async (workflow) => {
        const { workflowId, runId, type } = workflow;
        if (type === 'rescueSaga') {
          const sagaId = /^(.*)-reverse$/.exec(workflowId)?.[1];
          return sagaId === undefined ? undefined : await this.examiner.examineReverse(sagaId, workflow);
        }
        return standing.has(workflowId) ? undefined : await this.examiner.examine(workflowId, runId);
      });
    }
  }

  private async *recorded(): AsyncGenerator<Finding> {
    for (const [index, source] of this.records.entries()) {
      for await (const page of source.sagaIds(this.client.options.namespace, this.pageSize)) {
        const seen = await readStanding(this.client, this.records.slice(0, index), page);
        yield* inTurn(
          page.filter((sagaId) => !seen.has(sagaId)),
          async (sagaId) => await this.examiner.examine(sagaId),
        );
      }
    }
  }

  private async standingOf(sagaIds: readonly string[]) {
    return await readStanding(this.client, this.records, sagaIds);
  }

  private async *listed(query: string): AsyncGenerator<readonly WorkflowExecutionInfo[]> {
    const { pageSize } = this;
    let page: WorkflowExecutionInfo[] = [];
    for await (const workflow of this.client.workflow.list({ query, pageSize })) {
      if (page.push(workflow) < pageSize) continue;
      yield page;
      page = [];
    }
    if (page.length > 0) yield page;
  }
}

async function* inTurn<T>(
  items: readonly T[],
  examine: (item: T) => Promise<Finding | undefined>,
): AsyncGenerator<Finding> {
  for (let from = 0; from < items.length; from += AT_ONCE) {
    const found = await Promise.all(items.slice(from, from + AT_ONCE).map(examine));
    for (const finding of found) if (finding) yield finding;
  }
}

/** What made it impossible since the saga was examined is left to a person. */
async function rescued(client: Client, finding: Finding, sources: RescueSources): Promise<Finding> {
  try {
    const { rescueId } = await startRescue(client, finding.sagaId, 'rescue', sources);
    return { ...finding, rescueId };
  } catch (error) {
    if (!(error instanceof SagaClientError)) throw error;
    return { ...finding, advice: 'by-hand', message: `its rescue was refused: ${error.message}` };
  }
}
