import { isGrpcServiceError, ServiceError } from '@temporalio/client';
import { SagaClientError } from '../client';
import { wellFormed } from '../saga/core/plain-text';
import { describeError, SetupError } from '../platform/setup-error';

/** gRPC's numbers for what the caller did wrong, and for a server that cannot be reached. */
const INVALID_ARGUMENT = 3;
const UNAVAILABLE = 14;

/** An error as the command line shows it: what has a code with that code, anything else with its stack. */
export function describe(error: unknown): string {
  if (error instanceof SagaClientError) return printable(`${error.code}: ${error.message}`);
  return printable(describeError(asSetupError(error)));
}

/** What the server itself answered, such as about a filter that it cannot read. */
function asSetupError(error: unknown): unknown {
  if (!(error instanceof ServiceError) || !isGrpcServiceError(error.cause)) return error;
  const { code, details } = error.cause;
  if (code === INVALID_ARGUMENT)
    return new SetupError('INVALID_ARGUMENT', details, 'The server refused it; nothing was changed.');
  if (code === UNAVAILABLE)
    return new SetupError('TEMPORAL_UNREACHABLE', details, 'Start the server, or wait until it is back.');
  return error;
}

/** What people wrote must not steer the terminal or turn its text around. */
export function printable(text: string): string {
  return wellFormed(text).replace(
    /[^\P{Cc}\n]|[\u202a-\u202e\u2066-\u2069]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
