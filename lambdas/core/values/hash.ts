// A stable hash, so that a service's shard, its minute and its place in packed rows follow from its name alone.

/** The prime is 2^40 + 0x1b3. */
const PRIME_LOW = 0x1b3;

/**
 * FNV-1a, 64 bit (Fowler, Noll, Vo; draft-eastlake-fnv), over the text's UTF-8 bytes, as its high and its low word.
 * Calculated in two words, because it is needed several times for every probe and 64-bit integers (BigInt) are slow.
 */
function fnv1a(text: string): readonly [high: number, low: number] {
  let high = 0xcbf29ce4;
  let low = 0x84222325;
  // The usual text is its own UTF-8, and need not be encoded to be read.
  const bytes = PLAIN.test(text) ? undefined : encoder.encode(text);
  const length = bytes?.length ?? text.length;
  for (let n = 0; n < length; n += 1) {
    low ^= bytes?.[n] ?? text.charCodeAt(n);
    const lower = (low & 0xffff) * PRIME_LOW;
    const upper = (low >>> 16) * PRIME_LOW + (lower >>> 16);
    high = Math.imul(high, PRIME_LOW) + (upper >>> 16) + (low << 8);
    low = (upper << 16) | (lower & 0xffff);
  }
  return [high >>> 0, low >>> 0];
}

/** Its first 48 bits, which a number holds exactly. */
export function hash48(text: string): number {
  const [high, low] = fnv1a(text);
  return high * 2 ** 16 + (low >>> 16);
}

/** Which of `parts` equal parts a text falls into: the hash modulo `parts`, which is at most 2^20. */
export function partOf(text: string, parts: number): number {
  const [high, low] = fnv1a(text);
  return ((high % parts) * (2 ** 32 % parts) + low) % parts;
}

const PLAIN = /^[ -~]*$/;
const encoder = new TextEncoder();

/** The shard of a service: fixed for the life of a deployment, because the number of shards is. */
export function shardOf(tenant: string, id: string, shards: number): number {
  return partOf(`${tenant}#${id}`, shards);
}

/** Eight hex digits that tell services apart in restart and incident ids. */
export function shortHash(tenant: string, id: string): string {
  return fnv1a(`${tenant}#${id}`)[0].toString(16).padStart(8, '0');
}
