// Groups entries into as few calls as AWS allows, in their order: each call is limited in entries and in bytes.

/** An entry that is larger than a whole call gets a call of its own, for AWS to refuse. */
export function inCalls<T extends { readonly bytes: number }>(
  entries: Iterable<T>,
  most: Readonly<{ entries: number; bytes: number }>,
): T[][] {
  const calls: T[][] = [];
  let room = 0;
  for (const entry of entries) {
    const current = calls.at(-1);
    if (current && current.length < most.entries && entry.bytes <= room) {
      current.push(entry);
      room -= entry.bytes;
    } else {
      calls.push([entry]);
      room = most.bytes - entry.bytes;
    }
  }
  return calls;
}
