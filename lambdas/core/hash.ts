// A stable hash, so that a service's shard, its minute and its place in packed rows follow from its name alone.

const PRIME = 0x100000001b3n;
const OFFSET = 0xcbf29ce484222325n;
const MASK = 0xffffffffffffffffn;

/** FNV-1a, 64 bit (Fowler, Noll, Vo; draft-eastlake-fnv), over the text's UTF-8 bytes. */
export function fnv1a64(text: string): bigint {
  let hash = OFFSET;
  for (const byte of new TextEncoder().encode(text)) hash = ((hash ^ BigInt(byte)) * PRIME) & MASK;
  return hash;
}

/** The shard of a service: fixed for the life of a deployment, because the number of shards is. */
export function shardOf(tenant: string, id: string, shards: number): number {
  return Number(fnv1a64(`${tenant}#${id}`) % BigInt(shards));
}

/** Eight hex digits that tell services apart in restart and incident ids. */
export function shortHash(tenant: string, id: string): string {
  return (fnv1a64(`${tenant}#${id}`) >> 32n).toString(16).padStart(8, '0');
}
