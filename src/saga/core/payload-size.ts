import { engineFailure, type Failure } from './failures';

/**
 * The size up to which a step's input and its answer are accepted, in bytes of JSON. Two of them are what its
 * compensation is given, within the 2 MiB that the server takes for one call.
 */
export const MAX_PAYLOAD_BYTES = 1_000_000;
/** What one call may hold altogether. The rest of the server's 2 MiB is for the call itself and for a codec. */
const MAX_CALL_BYTES = 2 * MAX_PAYLOAD_BYTES + 1_000;

const utf8 = new TextEncoder();

/** The size of a value as JSON, in bytes of UTF-8. */
export function jsonBytes(value: unknown): number {
  const json = JSON.stringify(value) as string | undefined;
  if (json === undefined) return 0;
  // Most are short: whether they need more than one byte for each unit does not matter then.
  return json.length * 3 <= MAX_PAYLOAD_BYTES ? json.length : utf8.encode(json).length;
}

/** Why a call cannot be made, if it is too large for the server: scheduled all the same, its workflow would hang. */
export function refuseSize(what: string, bytes: number, max = MAX_CALL_BYTES): Failure | undefined {
  if (bytes <= max) return undefined;
  return engineFailure('PAYLOAD_TOO_LARGE', `${what} has ${bytes} bytes as JSON, and may have ${max}`);
}
