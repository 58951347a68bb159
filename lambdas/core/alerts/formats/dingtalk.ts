// DingTalk: the Markdown message of a custom robot, and the signature that such a robot may ask for
// (open.dingtalk.com/document/robots/custom-robot-access).
import { base64OfBytes } from '../../values/base64.ts';
import { bytesOf, cutTo } from '../bounded.ts';
import type { AlertDocument } from '../document.ts';
import { fitting } from './fit.ts';
import { markdownLines, plainText } from './markdown.ts';
import type { Hmac } from './webhook.ts';

/** The robot answers 460101, "message too long, exceed 20000 bytes". */
const MOST_BYTES = 19_000;
/** Shown in the list of conversations, where there is no room for more. */
const TITLE = 100;

/** A robot may demand a keyword in every message: `Lamplighter` is in all of them. */
export const dingtalkBody = (document: AlertDocument): string =>
  fitting(
    document,
    (shorter) => {
      const title = cutTo(plainText(`${shorter.level.toUpperCase()} ${shorter.headline}`), TITLE);
      const text = [`### ${title}`, ...markdownLines(shorter), 'Lamplighter'].join('\n\n');
      return JSON.stringify({ msgtype: 'markdown', markdown: { title, text }, at: { isAtAll: false } });
    },
    (built) => bytesOf(built) <= MOST_BYTES,
  );

/** The robot's address with time and signature; `now` in epoch ms may be off by an hour at most. */
export function signedDingtalkUrl(address: string, secret: string, now: number, hmac: Hmac): string {
  const url = new URL(address);
  const key = new TextEncoder().encode(secret);
  url.searchParams.set('timestamp', String(now));
  url.searchParams.set('sign', base64OfBytes(hmac(key, `${now}\n${secret}`), { isPadded: true }));
  return url.href;
}
