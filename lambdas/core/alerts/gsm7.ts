// The alphabet of SMS: 3GPP TS 23.038 (GSM 03.38), 6.2.1. One sign outside of it makes the whole message UCS-2, with 70
// characters a part instead of 160, so every text is brought into it.

const BASIC = new Set(
  '@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡' +
    'ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà',
);
/** Signs of the extension take two septets. */
const EXTENSION = new Set('^{}\\[~]|€');

/** What stands for signs that people write and no letter is the base of. */
const instead = new Map([
  ...['‘', '’', '‚', '′', '`', '´'].map((sign) => [sign, "'"] as const),
  ...['“', '”', '„', '″', '«', '»'].map((sign) => [sign, '"'] as const),
  ...['‐', '‑', '–', '—', '−'].map((sign) => [sign, '-'] as const),
  ...([['…', '...'], ['→', '->'], ['•', '*'], ['×', 'x']] as const), // prettier-ignore
]);

/** Septets that a sign takes; 0 when it is not in the alphabet. */
const septetsOf = (sign: string): number => (BASIC.has(sign) ? 1 : EXTENSION.has(sign) ? 2 : 0);

/** The text in the alphabet, on one line: accents that it lacks are dropped, and what it has no sign for is a `?`. */
export function toGsm7(text: string): string {
  const signs = [...text.normalize('NFC').replace(/\s+/g, ' ').trim()];
  return signs.map(inAlphabet).join('');
}

function inAlphabet(sign: string): string {
  if (septetsOf(sign) > 0) return sign;
  const base = sign.normalize('NFD').charAt(0);
  return instead.get(sign) ?? (septetsOf(base) > 0 ? base : '?');
}

/** A text of the alphabet within so many septets: one that is longer is cut behind a word and ends in dots. */
export function cutToSeptets(text: string, most: number): string {
  const room = most - 3;
  let used = 0;
  let end = 0;
  for (const sign of text) {
    used += septetsOf(sign);
    if (used <= room) end += sign.length;
  }
  if (used <= most) return text;
  const head = text.slice(0, end);
  const word = text.charAt(end) === ' ' ? end : head.lastIndexOf(' ');
  // A word that is longer than half of the message is cut itself: better a part of it than nothing.
  return `${head.slice(0, word > end / 2 ? word : end).trimEnd()}...`;
}
