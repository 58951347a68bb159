// What a receiver's answer means: taken, not now, or never. Some say no with a status of 200.
import * as z from 'zod/mini';

import type { AlertFormat } from '../../../contract/alert-formats.ts';
import { meaningOf } from './error-codes.ts';

/** `retryAfter` is the header, as it came. */
export type Answer = Readonly<{ status: number; body: string; retryAfter?: string | undefined }>;
export type Delivered =
  | Readonly<{ kind: 'taken' }>
  /** It may be taken later; not before `afterSeconds`, where the receiver says so. */
  | Readonly<{ kind: 'later'; why: string; afterSeconds?: number | undefined }>
  /** The same request will never be taken: the address is gone, the signature is wrong, the message is refused. */
  | Readonly<{ kind: 'refused'; why: string }>;

const TAKEN: Delivered = { kind: 'taken' };
/** Of 4xx, those that pass: timed out, too early, too many. */
const PASSING = [408, 425, 429];

/** `now` in epoch ms, for a time in Retry-After. Never holds a word of the receiver's: it may repeat what it was sent. */
export function judgeAnswer(format: AlertFormat, answer: Answer, now: number): Delivered {
  const { status } = answer;
  const why = `it answered ${status}`;
  if (status >= 200 && status < 300) return judgeBody(format, answer);
  if (status >= 500 || PASSING.includes(status))
    return { kind: 'later', why, afterSeconds: secondsIn(answer.retryAfter, now) };
  // Redirects are not followed: what is posted was meant for the address that was given.
  return { kind: 'refused', why };
}

function judgeBody(format: AlertFormat, { body }: Answer): Delivered {
  switch (format) {
    case 'slack':
      return isSlackContent(body.trim()) ? TAKEN : { kind: 'later', why: 'it answered 200 without ok' };
    case 'dingtalk':
    case 'wecom':
      return judgeCode(format, body);
    default:
      return TAKEN;
  }
}

/** Incoming webhooks say `ok`; those of workflows say so in JSON. */
const isSlackContent = (body: string) => body === 'ok' || /^\{\s*"ok"\s*:\s*true\b/.test(body);

const codeSchema = z.object({ errcode: z.int() });

function judgeCode(format: 'dingtalk' | 'wecom', body: string): Delivered {
  const code = codeSchema.safeParse(parsed(body)).data?.errcode;
  if (code === undefined) return { kind: 'later', why: 'it answered 200 without errcode' };
  if (code === 0) return TAKEN;
  const why = `it answered errcode ${code}`;
  const meaning = meaningOf(format, code);
  return meaning.kind === 'never' ? { kind: 'refused', why } : { ...meaning, why };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Seconds, or a time of HTTP. */
function secondsIn(header: string | undefined, now: number): number | undefined {
  if (header === undefined) return undefined;
  const seconds = /^\d{1,9}$/.test(header.trim()) ? Number(header) : Math.ceil((Date.parse(header) - now) / 1000);
  return Number.isNaN(seconds) ? undefined : Math.max(0, seconds);
}
