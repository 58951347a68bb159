// A service that is seen down is written down: whatever else cannot be read or asked, no service goes on being down
// unnoticed.
import type { Invariant } from './invariant.ts';

const MINUTE_MS = 60_000;
/**
 * For how long bad weather may keep the probes of a service from being written, in ms plus intervals of the service.
 */
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
    // The count begins again if nobody probed for long, as without rounds, or if the invocation died of something else
    // before it could write.
    const isGoingOn = known !== undefined && known.by.end !== 'died' && at - known.lastAt < patienceMs / 3;
    const firstAt = isGoingOn ? known.firstAt : at;
    watched.unwritten = { firstAt, lastAt: at, by };
    check(at - firstAt < patienceMs, () => `it is seen down for ${(at - firstAt) / 1000} s, and nothing is written`);
  },
};
