// Webhooks: the document as it is, signed as the specification of Standard Webhooks says
// (github.com/standard-webhooks/standard-webhooks, spec 1.0.0): whoever has the secret can tell that it is ours, and new.
import { base64OfBytes, bytesOfBase64 } from '../../values/base64.ts';
import type { AlertDocument } from '../document.ts';

export const webhookBody = (document: AlertDocument): string => JSON.stringify(document);

/** HMAC with SHA-256. Core has no cryptography of its own: whoever delivers passes that of Node. */
export type Hmac = (key: Uint8Array, text: string) => Uint8Array;

export type Signing = Readonly<{
  body: string;
  /** The deduplication key: the same for every attempt, so that receivers drop doubles by it. */
  id: string;
  /** When this attempt is made, epoch ms. Receivers refuse what is off by more than five minutes. */
  now: number;
  /** Each `whsec_` and base64. Two while one takes over from the other: a receiver is content with either. */
  secrets: readonly string[];
}>;

/** The headers that go with the body. Throws where a secret is none, without saying what it was. */
export function signatureHeaders({ body, id, now, secrets }: Signing, hmac: Hmac): Readonly<Record<string, string>> {
  // A full stop parts id, time and body in what is signed.
  const messageId = id.replace(/[^\w:-]/g, '-');
  const seconds = Math.floor(now / 1000);
  const signed = `${messageId}.${seconds}.${body}`;
  const signatures = secrets.map((secret) => `v1,${base64OfBytes(hmac(keyOf(secret), signed), { isPadded: true })}`);
  return {
    'webhook-id': messageId,
    'webhook-timestamp': String(seconds),
    'webhook-signature': signatures.join(' '),
  };
}

const PREFIX = 'whsec_';
/** The specification asks for 24 bytes at least. */
const LEAST_BYTES = 24;

function keyOf(secret: string): Uint8Array {
  const key = secret.startsWith(PREFIX) ? bytesOfBase64(secret.slice(PREFIX.length)) : undefined;
  if (!key || key.length < LEAST_BYTES)
    throw new Error(`a signing secret must be ${PREFIX} and at least ${LEAST_BYTES} bytes in base64`);
  return key;
}
