import type { RemainingRecord, SagaRecords } from '../client';
import { remainingSteps } from './effect';
import type { Participants } from './participants';

/** What the participants of all runs that are under way know of their sagas, as the barrier's rows would tell it. */
export function recordsOf(runs: Iterable<Participants>): SagaRecords {
  return {
    participant: 'the test kit',
    remaining: async (_namespace, sagaIds) =>
      await Promise.resolve([...runs].flatMap((run) => remainingOf(run, sagaIds))),
    undone: async () => await Promise.resolve([]),
    sagaIds: noPages,
    undoneSagaIds: noPages,
  };
}

/** Only an audit reads pages. */
async function* noPages(): AsyncGenerator<readonly string[]> {
  // There are none.
}

function remainingOf({ effects, operations }: Participants, sagaIds: readonly string[]): RemainingRecord[] {
  return remainingSteps(effects).flatMap((step) => {
    const done = effects.find((effect) => effect.op === 'do' && effect.step === step);
    const { call, taskQueue = '', at = 0 } = operations.get(`do ${step}`) ?? {};
    if (!done || !call || !sagaIds.includes(call.sagaId)) return [];
    const { sagaId, kind, compensation, began } = call;
    return [
      {
        sagaId,
        step: call.step,
        ...(kind && { kind }),
        ...(compensation !== undefined && { compensation }),
        ...(began !== undefined && { began }),
        taskQueue,
        input: done.input,
        output: done.output,
        at,
      },
    ];
  });
}
