import { type Client, isGrpcServiceError } from '@temporalio/client';
import { sagaSearchAttributes } from '../saga';
import type { SagaUnderTest } from './saga-under-test';

/** The numbers that stand for the types in Temporal's API (`IndexedValueType`), which the SDK does not export. */
const indexedValueTypes = { TEXT: 1, KEYWORD: 2, INT: 3, DOUBLE: 4, BOOL: 5, DATETIME: 6, KEYWORD_LIST: 7 };

/**
 * Makes the server know the search attributes that the sagas set: without them it rejects the first
 * workflow task for ever. Idempotent.
 */
export async function registerAttributes(client: Client, sagas: readonly SagaUnderTest[]): Promise<void> {
  const { namespace } = client.options;
  const ofSagas = sagas.flatMap(
    ({ definition, input }) => definition.attributes?.(input('attributes')) ?? [],
  );
  for (const { name, type } of [...sagaSearchAttributes, ...ofSagas.map(({ key }) => key)]) {
    const searchAttributes = { [name]: indexedValueTypes[type] };
    await client.connection.operatorService
      .addSearchAttributes({ namespace, searchAttributes })
      .catch((error: unknown) => {
        if (!isGrpcServiceError(error) || error.code !== ALREADY_EXISTS) throw error;
      });
  }
}

/** gRPC's status code. The time-skipping server cannot list what it knows. */
const ALREADY_EXISTS = 6;
