// When a restart that was sent is looked after. The queue is the timer, and may ring twice: the time of the next look
// stands in the state, so that of two messages one goes on.
import type { Restart } from '../model/state.ts';

const FIRST_MS = 1_000;
/** A message may come this much before its time, by clocks that differ. */
const EARLY_MS = 500;

/**
 * So long after its time somebody still comes to look at what was sent: the message of an invocation that failed comes
 * again after 90 s, and so does one that was lost.
 */
const UNSEEN_MS = 5 * 60_000;

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

/**
 * When its time is really over, epoch ms. Of an order that was sent and that nobody has looked after when it was due, nobody
 * knows whether it is done: that it took too long is said by a look, not by the clock.
 */
export const endsAt = ({ handle, nextPollAt: dueAt, deadlineAt }: Restart, now: number): number =>
  handle !== undefined && dueAt !== undefined && now > dueAt ? deadlineAt + UNSEEN_MS : deadlineAt;
