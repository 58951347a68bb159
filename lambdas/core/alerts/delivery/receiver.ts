// Where a receiver is posted to: what its secret says. The address is a secret itself, for whoever has it may write there.
import * as z from 'zod/mini';

import type { AlertFormat } from '../../../contract/alert-formats.ts';

/** `secret` is the name of a parameter when it begins with a slash, else that of a secret in Secrets Manager. */
export type Receiver = Readonly<{
  name: string;
  format: AlertFormat;
  secret: string;
  /** One-machine mode: receivers on this machine may be posted to without TLS. */
  isLocal?: boolean | undefined;
}>;

/** `keys` sign: those of a webhook, the newest first; of DingTalk the first one. */
export type ReceiverAddress = Readonly<{ url: string; keys: readonly string[] }>;
type Parsed =
  | Readonly<{ kind: 'usable'; address: ReceiverAddress }>
  /** `why` says nothing of what stands in the secret. */
  | Readonly<{ kind: 'wrong'; why: string }>;

const schema = z.object({
  url: z.string(),
  keys: z._default(z.array(z.string().check(z.minLength(1))), []),
});
const wrong = (why: string): Parsed => ({ kind: 'wrong', why });

/** A secret is `{ "url": "https://…", "keys": ["…"] }`, or the URL alone where nothing is signed. */
export function parseReceiver(text: string, { format, isLocal = false }: Receiver): Parsed {
  const decoded = schema.safeParse(documentIn(text.trim()));
  if (!decoded.success) return wrong('it must be a URL, or JSON with url and, for signatures, keys');
  const url = URL.parse(decoded.data.url);
  if (!url || !(url.protocol === 'https:' || (isLocal && isOnThisMachine(url))))
    return wrong('its URL must begin with https://');
  if (url.username !== '' || url.password !== '') return wrong('its URL must hold no user and no password');
  if (format === 'webhook' && decoded.data.keys.length === 0) return wrong('a webhook needs keys to sign with');
  return { kind: 'usable', address: { url: url.href, keys: decoded.data.keys } };
}

function documentIn(text: string): unknown {
  if (!text.startsWith('{')) return { url: text };
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const isOnThisMachine = ({ protocol, hostname }: URL) =>
  protocol === 'http:' && ['127.0.0.1', '[::1]', 'localhost'].includes(hostname);
