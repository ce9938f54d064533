import type { Client } from '@temporalio/client';
import type { Payload } from '@temporalio/common';

/** Decodes the payloads of a history, with the client's own data converter: codecs first, then payloads. */
export async function decodePayloads(
  client: Client,
  payloads: readonly Payload[] | null | undefined,
): Promise<unknown[]> {
  const { payloadConverter, payloadCodecs } = client.options.loadedDataConverter;
  let decoded = [...(payloads ?? [])];
  for (const codec of [...payloadCodecs].reverse()) decoded = await codec.decode(decoded);
  return decoded.map((payload) => payloadConverter.fromPayload<unknown>(payload));
}
