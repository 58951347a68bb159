// What an Authorization header of basic authentication says (RFC 7617, with UTF-8): who somebody claims to be.
import { bytesOfBase64 } from '../values/base64.ts';

export type Credentials = Readonly<{ user: string; password: string }>;

/** Longer than any name and password that we give out; what is longer is not even decoded. */
const HEADER_LIMIT = 2_048;
const BASIC = /^basic +(\S+)$/i;

/**
 * The name is what stands before the first colon, so a password may hold colons and a name may not. Undefined when it is
 * no such header: another scheme, no base64, no UTF-8, no colon, no name, control characters.
 */
export function parseBasic(header: string | undefined): Credentials | undefined {
  if (header === undefined || header.length > HEADER_LIMIT) return undefined;
  const bytes = bytesOfBase64(BASIC.exec(header)?.[1] ?? '');
  const text = bytes && asText(bytes);
  if (text === undefined || /\p{Cc}/u.test(text)) return undefined;
  const colon = text.indexOf(':');
  return colon < 1 ? undefined : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}

/**
 * In normal form C: the same letter can be typed as one character or as two, and keyboards differ in that. The password
 * command does the same before it hashes.
 */
function asText(bytes: Uint8Array): string | undefined {
  try {
    return normalized(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    return undefined;
  }
}
export const normalized = (text: string): string => text.normalize('NFC');
