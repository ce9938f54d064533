import { isGrpcServiceError, ServiceError } from '@temporalio/client';
import { SagaClientError } from '../src/client';
import { describeError, SetupError } from '../src/worker';

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

/** Control characters, except a line's end, and those that turn the direction of a text. */
const STEERING = /[^\P{Cc}\n]|\p{Bidi_Control}/gu;

/** What people wrote must not steer the terminal or turn its text around. */
export function printable(text: string): string {
  return text.toWellFormed().replace(STEERING, escaped);
}

/** A value as JSON that can be printed as it is: the same value to whoever reads it, and inert in a terminal. */
export function printableJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(STEERING, escaped);
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
