import type { temporal } from '@temporalio/proto';

type Payload = temporal.api.common.v1.IPayload;

/** The size of a field of this length, with its tag. */
function field(length: number): number {
  return 1 + varint(length) + length;
}

function varint(value: number): number {
  return value < 128 ? 1 : value < 16_384 ? 2 : value < 2_097_152 ? 3 : 4;
}

/** The size of a payload as Temporal measures it: of its protobuf, in bytes. */
function payloadBytes({ data, metadata }: Payload): number {
  let bytes = data && data.length > 0 ? field(data.length) : 0;
  for (const name in metadata) {
    const value = metadata[name];
    if (value) bytes += field(field(name.length) + field(value.length));
  }
  return bytes;
}

/** The size of several payloads, such as an input. */
export function payloadsBytes(payloads: readonly Payload[] | null | undefined): number {
  let bytes = 0;
  for (const payload of payloads ?? []) bytes += field(payloadBytes(payload));
  return bytes;
}

/** The size of named payloads, such as a memo. */
export function payloadMapBytes(fields: Readonly<Record<string, Payload>> | null | undefined): number {
  let bytes = 0;
  for (const name in fields) {
    const payload = fields[name];
    if (payload) bytes += field(field(name.length) + field(payloadBytes(payload)));
  }
  return bytes;
}

/**
 * About the size of anything that is sent or recorded: of all texts, bytes and numbers in it. Protobuf's own encoder takes ten times
 * as long.
 */
export function roughBytes(value: unknown): number {
  if (typeof value === 'string') return value === '' ? 0 : field(value.length);
  if (typeof value !== 'object' || value === null) return value ? 2 : 0;
  // Those from the sandbox are of another realm.
  if (ArrayBuffer.isView(value)) return field(value.byteLength);
  let bytes = 0;
  if (Array.isArray(value)) for (const one of value) bytes += roughBytes(one);
  // A message of protobuf inherits its defaults, which are not sent.
  else for (const name of Object.keys(value)) bytes += roughBytes(value[name as never]);
  return bytes + 3;
}
