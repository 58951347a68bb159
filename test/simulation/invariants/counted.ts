// What is seen down is written down: whatever else cannot be read or asked, no service goes on being down unnoticed.
import type { Invariant } from './invariant.ts';

const MINUTE_MS = 60_000;
/** So long no weather keeps all looks of a service from being written, in ms, and in intervals of its own. */
const LOST_MS = 20 * MINUTE_MS;
const LOST_INTERVALS = 10;

export const counted: Invariant = {
  name: 'what is seen down is written',
  onCommit({ watched, isCounted }) {
    if (isCounted) watched.unwritten = undefined;
  },
  onSeenDown({ watched, intervalSeconds, at, invocation: by }, check) {
    const patienceMs = LOST_MS + LOST_INTERVALS * intervalSeconds * 1000;
    const known = watched.unwritten;
    // Where nobody looked for long, as without rounds, or died of something else before he could write, it begins anew.
    const isGoingOn = known !== undefined && known.by.end !== 'died' && at - known.lastAt < patienceMs / 3;
    const firstAt = isGoingOn ? known.firstAt : at;
    watched.unwritten = { firstAt, lastAt: at, by };
    check(at - firstAt < patienceMs, () => `it is seen down for ${(at - firstAt) / 1000} s, and nothing is written`);
  },
};
