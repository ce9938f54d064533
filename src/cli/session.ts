import type { SagaClient } from '../client';

/** What every command of the command line is given: how to reach the sagas, and how to answer. */
export interface Session {
  client(): Promise<SagaClient>;
  /** Prints a value as JSON with `--json`, else as text. */
  print(value: unknown, text: string): void;
  /** Sets the process's exit code. */
  exitCode(code: number): void;
}
