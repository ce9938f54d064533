import type { LiveReport } from '../client';
import { namedEdges } from '../view/definition-map';
import type { SagaDetails } from './contract';

/** What happened in a saga. */
export function mapOfSaga({ steps }: LiveReport): SagaDetails['map'] {
  return {
    nodes: steps.map(({ name, kind, participant, state, stuck, failure, compensation }) => {
      const code = (stuck ?? failure)?.code;
      return {
        ...{ id: name, kind, participant, state },
        ...(code !== undefined && { code }),
        ...(compensation && { compensation: compensation.state }),
      };
    }),
    edges: namedEdges(steps),
  };
}
