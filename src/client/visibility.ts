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
  let token: Uint8Array | undefined;
  do {
    const page = await readPage(client, query, {
      ...(pageSize && { size: pageSize }),
      ...(token && { token }),
    });
    yield* page.executions;
    token = page.next;
  } while (token);
}

/** One page of {@link listExecutions}. @param from `token`: what the page before gave as `next`. */
export async function readPage(
  client: Client,
  query: string,
  { size, token }: { readonly size?: number; readonly token?: Uint8Array },
): Promise<{ readonly executions: readonly ListedExecution[]; readonly next?: Uint8Array }> {
  const { namespace, loadedDataConverter } = client.options;
  const page = await client.workflowService
    .listWorkflowExecutions({
      namespace,
      query,
      ...(size !== undefined && { pageSize: size }),
      ...(token && { nextPageToken: token }),
    })
    .catch((cause: Error) => {
      throw new ServiceError('Failed to list workflows', { cause });
    });
  const executions: ListedExecution[] = [];
  for (const raw of page.executions) {
    raw.memo = null;
    executions.push(await executionInfoFromRaw(raw, loadedDataConverter, undefined, namespace));
  }
  return { executions, ...(page.nextPageToken?.length && { next: page.nextPageToken }) };
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
