import type { SagaClient } from '../client';
import type { AskedSaga } from './saga-under-test';
import type { Stage } from './environment';
import type { Participants } from './participants';

/** A running saga, into which faults are injected. */
export interface RunningSaga {
  readonly sagaId: string;
  readonly client: SagaClient;
  readonly participants: Participants;
  readonly stage: Stage;
  /** Keeps what the run found wrong. */
  readonly problem: (text: string) => void;
}

/** What the saga's clients may do with it. */
export function askedSaga({ sagaId, client, participants, stage }: RunningSaga): AskedSaga {
  const { sleep, until } = stage;
  return { sagaId, client, operations: participants.operations, sleep, until };
}
