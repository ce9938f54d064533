import type { SagaClient } from '../client';
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
