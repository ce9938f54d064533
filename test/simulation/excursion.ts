import { WorkflowNotFoundError } from '@temporalio/client';
import { type SagaUnderTest, sagaUnderTest } from '../../src/testing';
import * as steps from './excursion-steps';
import { type Excursion, excursion, type Place } from './excursion-steps';

const answer = ({ place }: Place) => ({ place });

/** A saga of the shapes that those of the matrix do not have: what its client tells it comes about when it gives up waiting. */
export const excursionSaga = excursionThat({});

/** One whose branches use the same step. In express only: elsewhere a run that is reset may give their names to others. */
export const branchingSaga = excursionThat({ branching: true });

/** One with a step that is no local activity, beside others that are. */
export const slowSaga = excursionThat({ slow: true });

function excursionThat(shape: Omit<Excursion, 'id'>): SagaUnderTest {
  return sagaUnderTest({
    definition: excursion,
    steps,
    input: (id) => ({ id, ...shape }),
    answers: { visit: answer, tour: answer, detour: answer, walk: answer, swim: answer, pay: answer },
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
