import { createHmac } from 'node:crypto';
import { AlertsError } from './errors';

const PREFIX = 'whsec_';

/**
 * The key of a secret in the form of Standard Webhooks: `whsec_` and base64 of 24 to 64 bytes.
 * @throws AlertsError `WEBHOOK_INVALID`
 */
export function keyOfSecret(secret: string): Buffer {
  const base64 = secret.startsWith(PREFIX) ? secret.slice(PREFIX.length) : '';
  const key = Buffer.from(base64, 'base64');
  // Buffer.from skips what is not base64.
  const isBase64 = key.toString('base64').replace(/=+$/, '') === base64.replace(/=+$/, '');
  if (isBase64 && key.length >= 24 && key.length <= 64) return key;
  throw new AlertsError(
    'WEBHOOK_INVALID',
    'the secret must be whsec_ and the base64 of 24 to 64 bytes, such as from: echo whsec_$(openssl rand -base64 32)',
  );
}

/** The headers of Standard Webhooks (standardwebhooks.com). @param at in milliseconds */
export function signedHeaders(key: Buffer, id: string, at: number, body: string): Record<string, string> {
  const timestamp = String(Math.floor(at / 1_000));
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': `v1,${signature}`,
  };
}
