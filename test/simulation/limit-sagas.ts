import { type Placement, placements, type SagaDefinition } from '../../src/saga';
import { type SagaUnderTest, sagaUnderTest, type TemporalLimits } from '../../src/testing';
import * as steps from './limit-steps';
import { handing, looping, MAX_HISTORY_EVENTS, spreading, type Use } from './limit-steps';

/** The module with the workflows of these sagas. */
export const limitWorkflows = require.resolve('./limit-sagas-workflow');

/** A saga, and the limits at which it is explored. */
interface AtLimits {
  readonly saga: SagaUnderTest;
  readonly limits: Partial<TemporalLimits>;
  readonly placements: readonly Placement[];
}

export function using(definition: SagaDefinition<Use, number>, use: Omit<Use, 'id'>): SagaUnderTest {
  const answer = ({ filler }: steps.Item): steps.Taken => ({ taken: filler.length });
  return sagaUnderTest({
    definition,
    steps,
    answers: { take: answer, seal: answer, tell: answer },
    input: (id) => ({ id, ...use }),
  });
}

/** More to undo than another run can be given, if the loop does not end in time. */
export const loop: AtLimits = {
  saga: using(looping, { steps: 200, bytes: 16_000 }),
  limits: { historyEvents: MAX_HISTORY_EVENTS + 30 },
  placements,
};

/**
 * Beside 45 operations of the saga there is room for a question about its earlier runs, and 20 to its steps. Express steps are
 * local activities, which a server does not count.
 */
export const spread: AtLimits = {
  saga: using(spreading, { steps: 120, bytes: 0 }),
  limits: { pendingActivities: 70 },
  placements: ['participants', 'saga-queue'],
};

/** A nested saga whose steps carry more than a server takes at once. */
export const handOver: AtLimits = {
  saga: using(handing, { steps: 3, bytes: 800_000 }),
  limits: {},
  placements,
};
