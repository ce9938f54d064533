import { inspect } from 'node:util';

/** What can be wrong around a worker rather than in it. The codes are stable: scripts and docs may name them. */
export type WorkerErrorCode =
  /** Settings that break their rule; the message names every one of them. */
  | 'INVALID_SETTING'
  /** No setting says where the Temporal server is. */
  | 'TEMPORAL_ADDRESS_MISSING'
  /** No Temporal server answers at the address, or it refuses this client. */
  | 'TEMPORAL_UNREACHABLE'
  /** A participant's database cannot be connected to. */
  | 'DATABASE_UNREACHABLE'
  /** The file of the workflow bundle is missing, or cannot be read. */
  | 'WORKFLOW_BUNDLE_UNREADABLE'
  /** The workflow bundle was made by another version of this library or of the SDK, or does not name them. */
  | 'WORKFLOW_BUNDLE_MISMATCH';

/**
 * Something that whoever runs the process can put right. {@link describeError} gives `code: message` and the hint, without a
 * stack. `Code` is {@link WorkerErrorCode}, or what else a program that uses this declares.
 * @property hint what to do about it.
 */
export class SetupError<Code extends string = string> extends Error {
  override readonly name = 'SetupError';

  constructor(
    readonly code: Code,
    message: string,
    readonly hint: string,
    options?: ErrorOptions,
  ) {
    super(withoutLogins(message), options);
  }
}

/** A URL may stand in any setting by mistake, and messages go into logs. */
function withoutLogins(text: string): string {
  return text.replace(/:\/\/[^\s/]*@/g, '://…@');
}

/** An error as the command line shows it: what has a code with that code, anything else with its stack and causes. */
export function describeError(error: unknown): string {
  if (error instanceof SetupError) return `${error.code}: ${error.message}\n  ${error.hint}`;
  return inspect(error);
}
