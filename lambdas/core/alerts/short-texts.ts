// The short forms: the subject of an e-mail, and an SMS.
import { oneLine } from './bounded.ts';
import type { AlertDocument } from './document.ts';
import { cutToSeptets, toGsm7 } from './gsm7.ts';

/** SNS takes at most 100 ASCII characters without line breaks, and refuses the whole notice if there is one more. */
const SUBJECT_LIMIT = 100;
/** One part of an SMS. */
const SMS_SEPTETS = 160;

/** Begins with level and service. */
export function subjectOf({ level, headline }: AlertDocument): string {
  const text = ascii(`[${level.toUpperCase()}] ${headline}`);
  return text.length <= SUBJECT_LIMIT ? text : `${text.slice(0, SUBJECT_LIMIT - 3)}...`;
}

export const smsOf = ({ level, headline, message }: AlertDocument): string =>
  cutToSeptets(toGsm7(`${level.toUpperCase()} ${headline}: ${message}`), SMS_SEPTETS);

/** Letters lose their accents; a character without an ASCII base becomes a `?`. */
const ascii = (text: string) =>
  [
    ...oneLine(text)
      .normalize('NFD')
      .replace(/\p{Mn}/gu, ''),
  ]
    .map((sign) => (/[\x20-\x7e]/.test(sign) ? sign : '?'))
    .join('');
