// E-mail and SMS as they would be sent: one machine can send neither, so it prints them.

export type Mail = Readonly<{
  from: string;
  to: string;
  subject: string;
  body: string;
  unsubscribeUrl?: string | undefined;
}>;

const RULE = '─'.repeat(60);

/** A mail with its headers; the unsubscribe link is below the text, where SNS puts it. */
export function mailText({ from, to, subject, body, unsubscribeUrl }: Mail): string {
  const head = [`From: ${from}`, `To: ${to}`, `Subject: ${subject}`].join('\n');
  const foot = unsubscribeUrl === undefined ? '' : `\n\n--\nTo stop receiving these mails: ${unsubscribeUrl}`;
  return `${RULE} e-mail\n${head}\n\n${body}${foot}\n${RULE}\n`;
}

/** A text message with what it would cost: the number of parts, and the alphabet that decides it. */
export function smsText(to: string, body: string): string {
  const { alphabet, parts } = smsParts(body);
  return `${RULE} SMS\nTo: ${to} (${parts} ${parts === 1 ? 'part' : 'parts'}, ${alphabet})\n\n${body}\n${RULE}\n`;
}

// 3GPP TS 23.038: the default alphabet, and the characters of its extension, which count twice.
const BASIC =
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà';
const EXTENSION = '^{}\\[~]|€\f';

/**
 * GSM-7 holds 160 characters, or 153 per part; one character outside of it makes the whole text UCS-2 with 70, or 67
 * per part.
 */
export function smsParts(text: string): { alphabet: 'GSM-7' | 'UCS-2'; parts: number } {
  const signs = [...text];
  if (!signs.every((sign) => BASIC.includes(sign) || EXTENSION.includes(sign)))
    return {
      alphabet: 'UCS-2',
      parts: partsOf(
        signs.map(({ length }) => length),
        70,
        67,
      ),
    };
  const places = signs.map((sign) => (EXTENSION.includes(sign) ? 2 : 1));
  return { alphabet: 'GSM-7', parts: partsOf(places, 160, 153) };
}

/** A character that counts twice is never split. */
function partsOf(places: readonly number[], alone: number, joined: number): number {
  if (places.reduce((sum, size) => sum + size, 0) <= alone) return 1;
  let parts = 1;
  let used = 0;
  for (const size of places) {
    if (used + size > joined) {
      parts += 1;
      used = 0;
    }
    used += size;
  }
  return parts;
}
