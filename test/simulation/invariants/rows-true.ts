// A packed row never claims more than was probed.
import type { Invariant } from './invariant.ts';

const ENTRY_BYTES = 9;

export const rowsTrue: Invariant = {
  name: 'packed rows are true',
  onRow({ due, checked, results, beat, shard }, check) {
    check(checked <= due, () => `shard ${shard} at ${beat}: ${checked} checked of ${due} due`);
    check(results.length === checked * ENTRY_BYTES, () => `shard ${shard} at ${beat}: ${results.length} bytes`);
  },
};
