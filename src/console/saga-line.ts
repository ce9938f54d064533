import type { ListedSaga } from '../client';
import type { SagaLine } from './contract';

/** A saga of a list, as JSON. */
export function lineOf({
  sagaId,
  workflow,
  state,
  reason,
  stuckStep,
  problem,
  ...times
}: ListedSaga): SagaLine {
  const { startedAt, closedAt } = times;
  return {
    ...{ sagaId, workflow, state },
    ...(reason !== undefined && { reason }),
    ...(stuckStep !== undefined && { stuckStep }),
    ...(problem !== undefined && { problem }),
    startedAt: startedAt.toISOString(),
    ...(closedAt && { closedAt: closedAt.toISOString() }),
  };
}
