// One request and as much of its answer as is needed, on a connected socket.
import { type IncomingMessage, request } from 'node:http';
import type { Socket } from 'node:net';

import type { BodyWish } from '../core/judging/judge-answer.ts';
import type { Attempt } from './attempt.ts';

/** The longest body that is ever kept; a health answer is a few hundred bytes. */
export const LONGEST_BODY = 1024 * 1024;

/** `headers` alternate names and values, the form that node:http takes fastest. */
type Ask = Readonly<{ method: string; path: string; headers: readonly string[] }>;
export type Head = Readonly<{ status: number; location: string | undefined; retryAfter: string | undefined }>;

type Exchanged = Readonly<{ kind: 'answer'; head: Head; body?: string }> | Readonly<{ kind: 'too_large' }>;

/**
 * Resolves as soon as no further byte could change the verdict; the rest is left unread and the attempt destroys the
 * socket. Rejects with the socket's or the parser's error. The attempt's deadline covers a body that arrives slowly.
 */
export function exchange(
  attempt: Attempt,
  socket: Socket,
  ask: Ask,
  wish: (head: Head) => BodyWish,
): Promise<Exchanged> {
  attempt.phase = 'an answer';
  return new Promise((resolve, reject) => {
    const asked = request({ ...ask, createConnection: () => socket });
    asked.on('error', reject);
    const heard = (answer: IncomingMessage) => {
      attempt.arrived();
      const { location, 'retry-after': retryAfter } = answer.headers;
      const head = { status: answer.statusCode ?? 0, location, retryAfter };
      const wanted = wish(head);
      if (wanted === 'none') {
        socket.destroy(); // at once, so that not even the body at hand is parsed
        return resolve({ kind: 'answer', head });
      }
      attempt.phase = 'the whole body';
      answer.on('error', reject);
      readBody(answer, wanted, (body) => {
        attempt.arrived();
        resolve(body === undefined ? { kind: 'too_large' } : { kind: 'answer', head, body });
      });
    };
    asked.once('response', heard);
    asked.once('upgrade', heard); // a 101 that nobody asked for is an answer too, and a wrong one
    asked.end();
  });
}

/** Calls back once: with the text, or with undefined if the limit is passed before there is enough. */
function readBody(
  answer: IncomingMessage,
  wanted: Exclude<BodyWish, 'none'>,
  done: (text: string | undefined) => void,
): void {
  const decoder = new TextDecoder();
  let text = '';
  let bytes = 0;
  answer.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > LONGEST_BODY) {
      answer.destroy();
      return done(undefined);
    }
    const before = text.length;
    text += decoder.decode(chunk, { stream: true });
    if (isEnough(wanted, text, before)) {
      answer.destroy();
      done(text);
    }
  });
  answer.once('end', () => done(text + decoder.decode()));
}

function isEnough(wanted: Exclude<BodyWish, 'none'>, text: string, before: number): boolean {
  if (wanted === 'all') return false;
  if ('first' in wanted) return text.length >= wanted.first;
  return text.includes(wanted.until, Math.max(0, before - wanted.until.length));
}
