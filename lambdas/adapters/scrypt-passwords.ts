// Node's scrypt, in its thread pool: derives a key from a password, and compares two keys.
import { scrypt, timingSafeEqual } from 'node:crypto';

import { memoryOf, type PasswordHash, type ScryptCost } from '../core/people/password-hash.ts';
import type { PasswordCheck } from '../ports/passwords.ts';

/** The key of a password. Rejects if the cost is more than scrypt accepts; the caller has limited it. */
export function deriveKey(password: string, cost: ScryptCost, salt: Uint8Array, bytes: number): Promise<Uint8Array> {
  const { ln, r, p } = cost;
  // OpenSSL counts its blocks and buffers too.
  const maxmem = memoryOf(cost) + 128 * r * p + 1024 * 1024;
  return new Promise((resolve, reject) => {
    scrypt(password, salt, bytes, { N: 2 ** ln, r, p, maxmem }, (error, key) => {
      if (error) reject(error);
      else resolve(key);
    });
  });
}

export const scryptPasswords: PasswordCheck = {
  async matches(password: string, hash: PasswordHash) {
    return timingSafeEqual(await deriveKey(password, hash, hash.salt, hash.key.length), hash.key);
  },
};
