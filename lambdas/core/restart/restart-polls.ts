// When a restart that was sent is looked after. The queue is the timer, and may ring twice: the time of the next look
// stands in the state, so that of two messages one goes on.
import type { Restart } from '../model/state.ts';

const FIRST_MS = 1_000;
/** A message may come this much before its time, by clocks that differ. */
const EARLY_MS = 500;

/** After the sending. */
export const firstPollAt = (now: number): number => now + FIRST_MS;

/** After a look. Close together at first, when most restarts end; the API's throttles are low. */
export function nextPollAt({ sentAt, orderedAt }: Restart, now: number): number {
  const sinceMs = now - (sentAt ?? orderedAt);
  return now + (sinceMs < 30_000 ? 2_000 : sinceMs < 120_000 ? 5_000 : 15_000);
}

/**
 * Whether it is to be looked after now. A message that was delivered twice would go on twice until the end of the
 * restart: the one that finds a later time written has nothing to do.
 */
export const isPollDue = (restart: Restart, now: number): boolean => now >= (restart.nextPollAt ?? 0) - EARLY_MS;
