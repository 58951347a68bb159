// A password as it is stored: scrypt in the PHC string format, `$scrypt$ln=15,r=8,p=3$<salt>$<key>`. Bounded both ways:
// a hash that is too cheap could be guessed, one that is too expensive would exhaust the function that checks it.
// https://github.com/P-H-C/phc-string-format/blob/master/phc-sf-spec.md
import { base64OfBytes, bytesOfBase64 } from '../values/base64.ts';

/** `2 ** ln` is scrypt's N. Memory is 128 · N · r bytes, time goes with N · r · p. */
export type ScryptCost = Readonly<{ ln: number; r: number; p: number }>;
export type PasswordHash = ScryptCost & Readonly<{ salt: Uint8Array; key: Uint8Array }>;

/** One of the equal choices of OWASP's Password Storage Cheat Sheet (scrypt); 32 MiB, so that a small function can. */
export const COST: ScryptCost = { ln: 15, r: 8, p: 3 };
export const SALT_BYTES = 16;
export const KEY_BYTES = 32;

/** N · r · p of the cheapest of OWASP's choices (ln=14, p=5 and ln=13, p=10), and about three times it. */
const LEAST_WORK = 2 ** 14 * 8 * 5;
const MOST_WORK = 2 ** 21;
const MOST_BYTES = 128 * 1024 * 1024;

const PHC = /^\$scrypt\$ln=([1-9]\d?),r=([1-9]\d?),p=([1-9]\d?)\$([^$]+)\$([^$]+)$/;

export type ParsedHash = { kind: 'hash'; hash: PasswordHash } | { kind: 'wrong'; why: string };
const wrong = (why: string): ParsedHash => ({ kind: 'wrong', why });

/** `why` says what is wrong in words that hold nothing of the hash. */
export function parseHash(text: string): ParsedHash {
  const [, ln, r, p, saltText = '', keyText = ''] = PHC.exec(text) ?? [];
  const salt = bytesOfBase64(saltText);
  const key = bytesOfBase64(keyText);
  if (ln === undefined || !salt || !key)
    return wrong('must be a hash such as $scrypt$ln=15,r=8,p=3$…$…; see npm run password');
  const cost = { ln: Number(ln), r: Number(r), p: Number(p) };
  const why = faultOfCost(cost);
  if (why !== undefined) return wrong(why);
  // A key of one byte would let in one of 256 passwords.
  if (salt.length < SALT_BYTES || salt.length > 64 || key.length < KEY_BYTES || key.length > 64)
    return wrong(`must have a salt of ${SALT_BYTES} to 64 bytes and a key of ${KEY_BYTES} to 64`);
  return { kind: 'hash', hash: { ...cost, salt, key } };
}

function faultOfCost({ ln, r, p }: ScryptCost): string | undefined {
  const work = 2 ** ln * r * p;
  if (memoryOf({ ln, r }) > MOST_BYTES || work > MOST_WORK) return 'costs too much to check: give ln=15,r=8,p=3';
  if (r < 8 || work < LEAST_WORK) return 'is too cheap to guess: give ln=15,r=8,p=3';
  return undefined;
}

/** Bytes that scrypt needs. */
export const memoryOf = ({ ln, r }: Pick<ScryptCost, 'ln' | 'r'>): number => 128 * 2 ** ln * r;

export const textOfHash = ({ ln, r, p, salt, key }: PasswordHash): string =>
  `$scrypt$ln=${ln},r=${r},p=${p}$${base64OfBytes(salt)}$${base64OfBytes(key)}`;
