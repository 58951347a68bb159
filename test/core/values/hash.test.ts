// The hash that shards, minutes and ids follow from: it must never change.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { hash48, partOf, shardOf, shortHash } from '../../../lambdas/core/values/hash.ts';

/** The whole hash, in the words of its definition (draft-eastlake-fnv). */
const fnv1a64 = (text: string): bigint =>
  new TextEncoder()
    .encode(text)
    .reduce((hash, byte) => BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n), 0xcbf29ce484222325n);

describe('the hash', () => {
  it.each([
    ['', 0xcbf29ce484222325n],
    ['a', 0xaf63dc4c8601ec8cn],
    ['foobar', 0x85944171f73967e8n],
  ])('of %j is the published FNV-1a value', (text, expected) => {
    expect(fnv1a64(text)).toBe(expected);
    expect(hash48(text)).toBe(Number(expected >> 16n));
  });

  it('counts bytes, not characters', () => {
    expect(hash48('é')).not.toBe(hash48('\u00e9'.normalize('NFD')));
    expect(hash48('é')).toBe(hash48(String.fromCodePoint(0xe9)));
  });

  it('has the same first 48 bits and the same parts as the whole of it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1, max: 2 ** 20 }), (text, parts) => {
        expect(hash48(text)).toBe(Number(fnv1a64(text) >> 16n));
        expect(partOf(text, parts)).toBe(Number(fnv1a64(text) % BigInt(parts)));
      }),
    );
  });

  it('spreads services evenly over the shards', () => {
    const counts = Array.from({ length: 16 }, () => 0);
    for (let index = 0; index < 1_600; index += 1) counts[shardOf('default', `service-${index}`, 16)]! += 1;
    expect(Math.min(...counts)).toBeGreaterThan(60);
    expect(Math.max(...counts)).toBeLessThan(140);
  });

  it('tells tenants apart', () => {
    expect(shortHash('a', 'x')).not.toBe(shortHash('b', 'x'));
  });

  it('is eight hex digits long in ids, leading zeros included', () => {
    const hashes = Array.from({ length: 200 }, (_, index) => shortHash('default', `${index}-service`));
    for (const hash of hashes) expect(hash).toMatch(/^[0-9a-f]{8}$/);
    expect(hashes.some((hash) => hash.startsWith('0'))).toBe(true);
  });
});
