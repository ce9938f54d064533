import type { SagaClient } from '../client';
import type { Clock } from './clock';
import type { Participants } from './participants';

/** A running saga, into which faults are injected. */
export interface RunningSaga {
  readonly sagaId: string;
  readonly client: SagaClient;
  readonly participants: Participants;
  /** Replaces the orchestrator's workers; resolves when the new ones are up. */
  readonly restartWorkers: () => Promise<void>;
  readonly clock: Clock;
  /** Has a worker come to the task queue of the operation that has none. */
  readonly serveUnpolled: () => Promise<void>;
  /** Keeps what the run found wrong. */
  readonly problem: (text: string) => void;
}
