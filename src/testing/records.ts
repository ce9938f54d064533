import type { RemainingRecord, SagaRecords } from '../client';
import type { StepCall } from '../saga';
import { remainingSteps } from './effect';
import type { Participants } from './participants';

/** What the participants of all runs that are under way know of their sagas, as the barrier's rows would tell it. */
export function recordsOf(runs: Iterable<Participants>): SagaRecords {
  return inMemoryRecords('the test kit', (sagaIds) => [...runs].flatMap((run) => remainingOf(run, sagaIds)));
}

/** Records for a rescue. They have no pages and nothing undone, which only an audit reads. */
export function inMemoryRecords(
  participant: string,
  remaining: (sagaIds: readonly string[]) => readonly RemainingRecord[],
): SagaRecords {
  return {
    participant,
    remaining: async (_namespace, sagaIds) => await Promise.resolve(remaining(sagaIds)),
    undone: async () => await Promise.resolve([]),
    sagaIds: noPages,
    undoneSagaIds: noPages,
  };
}

async function* noPages(): AsyncGenerator<readonly string[]> {
  // There are none.
}

/** An action that was done, by its call. */
export function remainingRecord(
  { sagaId, step, kind, compensation, began }: StepCall,
  done: Pick<RemainingRecord, 'input' | 'output' | 'at'> & { readonly taskQueue: string },
): RemainingRecord {
  return {
    sagaId,
    step,
    ...(kind && { kind }),
    ...(compensation !== undefined && { compensation }),
    ...(began !== undefined && { began }),
    ...done,
  };
}

function remainingOf({ effects, operations }: Participants, sagaIds: readonly string[]): RemainingRecord[] {
  return remainingSteps(effects).flatMap((step) => {
    const done = effects.find((effect) => effect.op === 'do' && effect.step === step);
    const { call, taskQueue = '', at = 0 } = operations.get(`do ${step}`) ?? {};
    if (!done || !call || !sagaIds.includes(call.sagaId)) return [];
    const { input, output } = done;
    return [remainingRecord(call, { taskQueue, input, output, at })];
  });
}
