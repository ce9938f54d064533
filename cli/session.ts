import type { SagaClient } from '../src/client';

/** What every command gets: clients, and how to print. */
export interface Session {
  client(): Promise<SagaClient>;
  /** A client for rescue and reverse. It reads the services' records if their databases are known. */
  rescuer(): Promise<SagaClient>;
  /** A client for the audit, with the services' records. @throws SetupError `DATABASES_UNKNOWN` */
  auditor(): Promise<SagaClient>;
  /** Prints the value as JSON with `--json`, otherwise the text. */
  print(value: unknown, text: string): void;
  /** Prints one of several lines: the value as one JSON document with `--json`, otherwise the text. */
  printLine(value: unknown, text: string): void;
  /** Sets the process's exit code. */
  exitCode(code: number): void;
}
