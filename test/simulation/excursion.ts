import { WorkflowNotFoundError } from '@temporalio/client';
import { type SagaUnderTest, sagaUnderTest } from '../../src/testing';
import * as steps from './excursion-steps';
import { excursion, type Place } from './excursion-steps';

const answer = ({ place }: Place) => ({ place });

/** A saga of the shapes that those of the matrix do not have: what its client tells it comes about when it gives up waiting. */
export const excursionSaga = excursionThat(false);

/** One whose branches use the same step. In express only: elsewhere a run that is reset may give their names to others. */
export const branchingSaga = excursionThat(true);

function excursionThat(branching: boolean): SagaUnderTest {
  return sagaUnderTest({
    definition: excursion,
    steps,
    input: (id) => ({ id, branching }),
    answers: { visit: answer, detour: answer, walk: answer, swim: answer, pay: answer },
    meanwhile: async ({ client, sagaId, sleep }) => {
      await sleep(125_000);
      try {
        await client.temporal.workflow.getHandle(sagaId).signal('sunshine');
      } catch (error) {
        if (!(error instanceof WorkflowNotFoundError)) throw error;
      }
    },
  });
}
