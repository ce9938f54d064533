import type { Client } from '@temporalio/client';
import { sagaSearchAttributes } from '../src/saga';
import { CustomerId } from '../services/order/fulfilment';
import { SetupError } from '../src/worker';
import { waitUntil } from './wait-until';

/** What the namespace must know before the first saga starts. */
export const searchAttributes = [...sagaSearchAttributes, CustomerId];

/** The numbers that stand for the types in Temporal's API (`IndexedValueType`), which the SDK does not export. */
const indexedValueTypes = { TEXT: 1, KEYWORD: 2, INT: 3, DOUBLE: 4, BOOL: 5, DATETIME: 6, KEYWORD_LIST: 7 };

/** Adds search attributes to the client's namespace, which must not have them yet. */
export async function addSearchAttributes(client: Client, keys = searchAttributes): Promise<void> {
  await client.connection.operatorService.addSearchAttributes({
    namespace: client.options.namespace,
    searchAttributes: Object.fromEntries(keys.map((key) => [key.name, indexedValueTypes[key.type]])),
  });
}

/**
 * Adds the search attributes that the client's namespace lacks, and waits until the server knows them. Idempotent.
 * @throws SetupError `SEARCH_ATTRIBUTES_MISSING` when this client may not add them.
 */
export async function registerSearchAttributes(client: Client): Promise<void> {
  const { namespace } = client.options;
  const missing = async () => {
    const known = await client.connection.operatorService.listSearchAttributes({ namespace });
    return searchAttributes.filter((key) => !(key.name in known.customAttributes));
  };
  try {
    const toAdd = await missing();
    if (toAdd.length === 0) return;
    await addSearchAttributes(client, toAdd);
    await waitUntil('the search attributes', 30_000, async () => (await missing()).length === 0 || undefined);
  } catch (error) {
    if (error instanceof SetupError) throw error;
    const list = searchAttributes.map((key) => `--name ${key.name} --type Keyword`).join(' ');
    throw new SetupError(
      'SEARCH_ATTRIBUTES_MISSING',
      `Namespace ${namespace} lacks search attributes, and they could not be added: ${(error as Error).message}`,
      `Have its administrator run: temporal operator search-attribute create -n ${namespace} ${list}`,
      { cause: error },
    );
  }
}
