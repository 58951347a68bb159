// Texts within bounds: without secrets, and cut where a limit is.
import { redact } from '../values/redact.ts';

const ELLIPSIS = '...';

/** At most `most` UTF-16 units, whole characters; what was cut ends in dots. */
export function cutTo(text: string, most: number): string {
  if (text.length <= most) return text;
  return `${whole(text.slice(0, Math.max(0, most - ELLIPSIS.length)))}${ELLIPSIS}`.slice(0, most);
}

/** No half of a pair at the end. */
const whole = (text: string) => text.replace(/[\ud800-\udbff]$/, '');

/** At most `most` bytes of UTF-8, cut between characters; what was cut ends in dots. */
export function cutToBytes(text: string, most: number): string {
  if (bytesOf(text) <= most) return text;
  let used = ELLIPSIS.length;
  let end = 0;
  for (const sign of text) {
    used += bytesOf(sign);
    if (used > most) break;
    end += sign.length;
  }
  return `${text.slice(0, end)}${ELLIPSIS}`;
}

/** Bytes of UTF-8. */
export const bytesOf = (text: string): number => new TextEncoder().encode(text).length;

/** Redacted first, then cut: a cut could remove what a secret is recognized by. */
export const safeText = (text: string, most: number): string => cutTo(redact(text), most);

/** The text on one line. */
export const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();
