import type { SagaClient } from '../src/client';

/** What every command of the command line is given: how to reach the sagas, and how to answer. */
export interface Session {
  client(): Promise<SagaClient>;
  /** A client that undoes sagas: it knows the records of the services too, where the settings say where they are. */
  rescuer(): Promise<SagaClient>;
  /** A client that audits: the records are known. @throws SetupError `DATABASES_UNKNOWN` */
  auditor(): Promise<SagaClient>;
  /** Prints a value as JSON with `--json`, else as text. */
  print(value: unknown, text: string): void;
  /** Prints one of many lines: a JSON document of its own with `--json`, else text. */
  printLine(value: unknown, text: string): void;
  /** Sets the process's exit code. */
  exitCode(code: number): void;
}
