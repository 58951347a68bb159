import { describe, expect, it } from 'vitest';

import { deriveKey, scryptPasswords } from '../../lambdas/adapters/scrypt-passwords.ts';
import { parseHash } from '../../lambdas/core/people/password-hash.ts';
import { hashOf } from '../make/people.ts';

const text = (salt: string) => new TextEncoder().encode(salt);
const stored = (password: string, cost?: Parameters<typeof hashOf>[1]) => {
  const parsed = parseHash(hashOf(password, cost));
  if (parsed.kind === 'wrong') throw new Error(parsed.why);
  return parsed.hash;
};

describe('a key', () => {
  it.each([
    // The test vectors of RFC 7914, section 12.
    ['password', 'NaCl', { ln: 10, r: 8, p: 16 }, 'fdbabe1c9d347200'],
    ['pleaseletmein', 'SodiumChloride', { ln: 14, r: 8, p: 1 }, '7023bdcb3afd7348'],
  ])('of %s with %s is that of the RFC', async (password, salt, cost, beginning) => {
    const key = await deriveKey(password, cost, text(salt), 64);
    expect(key).toHaveLength(64);
    expect(Buffer.from(key).toString('hex')).toMatch(new RegExp(`^${beginning}`));
  });

  it('may take all the memory that a hash may ask for', async () => {
    const key = await deriveKey('x', { ln: 17, r: 8, p: 2 }, text('salt'), 32);
    expect(key).toHaveLength(32);
  });
});

describe('a password', () => {
  it.each(['correct horse battery staple', 'a:b::c', '', 'öl £ 李雷'])('is known again: %j', async (password) => {
    const hash = stored(password);
    expect(await scryptPasswords.matches(password, hash)).toBe(true);
    expect(await scryptPasswords.matches(`${password} `, hash)).toBe(false);
  });

  it('is known again by a longer key, and by no key that begins alike', async () => {
    const hash = stored('secret');
    const longer = { ...hash, key: await deriveKey('secret', hash, hash.salt, 64) };
    expect(await scryptPasswords.matches('secret', longer)).toBe(true);
    const changed = Uint8Array.from(hash.key);
    changed[31] = (changed[31] ?? 0) ^ 1;
    expect(await scryptPasswords.matches('secret', { ...hash, key: changed })).toBe(false);
  });
});
