// When a restart that was sent is polled. The queue is the timer, and may deliver twice: the time of the next poll is
// in the state, so that only one of two messages goes on.
import type { Restart } from '../model/state.ts';

const FIRST_MS = 1_000;
/** A message may come this much before its time, by clocks that differ. */
const EARLY_MS = 500;

/**
 * How long after its time a poll may still come: the message of an invocation that failed comes again after 90 s, and
 * so does one that was lost.
 */
const UNSEEN_MS = 5 * 60_000;

/** When an order that was sent now is first polled, epoch ms. */
export const firstPollAt = (now: number): number => now + FIRST_MS;

/**
 * When it is polled next. Polls are close together at first, when most restarts end; AWS throttles these calls early.
 */
export function nextPollAt({ sentAt, orderedAt }: Restart, now: number): number {
  const sinceMs = now - (sentAt ?? orderedAt);
  return now + (sinceMs < 30_000 ? 2_000 : sinceMs < 120_000 ? 5_000 : 15_000);
}

/**
 * Whether it is to be polled now. A message that was delivered twice would go on twice until the end of the restart:
 * the one that finds a later time written has nothing to do.
 */
export const isPollDue = (restart: Restart, now: number): boolean => now >= (restart.nextPollAt ?? 0) - EARLY_MS;

/**
 * When its time is really over, epoch ms. If an order was sent and its due poll did not come, nobody knows whether it
 * is done: then a poll decides whether it took too long, not the clock.
 */
export const endsAt = ({ handle, nextPollAt: dueAt, deadlineAt }: Restart, now: number): number =>
  handle !== undefined && dueAt !== undefined && now > dueAt ? deadlineAt + UNSEEN_MS : deadlineAt;
