import { isGrpcServiceError, ServiceError } from '@temporalio/client';
import { AlertsError } from '../alerts';
import { SagaClientError } from '../client';
import { describeError, SetupError } from '../worker/setup-error';
import { CommandError } from './command-error';

/** gRPC status codes. */
const INVALID_ARGUMENT = 3;
const UNAVAILABLE = 14;

/** An error as the command line prints it: with its code, or with its stack if it has none. */
export function describe(error: unknown): string {
  if (error instanceof SagaClientError || error instanceof AlertsError)
    return printable(`${error.code}: ${error.message}`);
  return printable(describeError(asSetupError(error)));
}

/** Gives errors of the server a code, such as for a malformed list filter. */
function asSetupError(error: unknown): unknown {
  if (!(error instanceof ServiceError) || !isGrpcServiceError(error.cause)) return error;
  const { code, details } = error.cause;
  if (code === INVALID_ARGUMENT)
    return new CommandError('INVALID_ARGUMENT', details, 'The server rejected it; nothing was changed.');
  if (code === UNAVAILABLE)
    return new SetupError('TEMPORAL_UNREACHABLE', details, 'Start the server, or wait until it is back.');
  return error;
}

/** Control characters except the newline, and bidirectional controls. */
const STEERING = /[^\P{Cc}\n]|\p{Bidi_Control}/gu;

/** Escapes control characters: texts from users must not control the terminal. */
export function printable(text: string): string {
  return text.toWellFormed().replace(STEERING, escaped);
}

/** JSON of a value with control characters escaped: it parses to the same value and cannot control the terminal. */
export function printableJson(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(STEERING, escaped);
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
