import { type Client, ServiceError, type WorkflowExecutionInfo } from '@temporalio/client';
import { executionInfoFromRaw } from '@temporalio/client/lib/helpers';

/** A workflow as visibility shows it. */
export type ListedExecution = Omit<WorkflowExecutionInfo, 'memo' | 'raw'>;

/**
 * Workflows that match a list filter, page by page. Leaves their memos out: one that this client cannot decode would end
 * the list of the SDK's own client.
 * @throws ServiceError when the server refuses the filter or cannot be reached.
 */
export async function* listExecutions(
  client: Client,
  query: string,
  pageSize?: number,
): AsyncGenerator<ListedExecution> {
  const { namespace, loadedDataConverter } = client.options;
  let nextPageToken: Uint8Array | undefined;
  do {
    const page = await client.workflowService
      .listWorkflowExecutions({
        namespace,
        query,
        ...(pageSize !== undefined && { pageSize }),
        ...(nextPageToken && { nextPageToken }),
      })
      .catch((cause: Error) => {
        throw new ServiceError('Failed to list workflows', { cause });
      });
    for (const raw of page.executions) {
      raw.memo = null;
      yield await executionInfoFromRaw(raw, loadedDataConverter, undefined, namespace);
    }
    nextPageToken = page.nextPageToken;
  } while (nextPageToken?.length);
}

/** How many workflows match a list filter. @throws ServiceError as {@link listExecutions} */
export async function countExecutions(client: Client, query: string): Promise<number> {
  const { namespace } = client.options;
  const { count } = await client.workflowService
    .countWorkflowExecutions({ namespace, query })
    .catch((cause: Error) => {
      throw new ServiceError('Failed to count workflows', { cause });
    });
  return Number(count);
}
