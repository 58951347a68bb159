// When a delivery is tried again. The queue is the timer, and gives up into its dead-letter queue after
// `DELIVERY_TRIES`: of a receiver that is away the last of them comes 80 minutes after the first.
import type { Delivered } from './judge-answer.ts';

const FIRST_SECONDS = 10;
const GROWTH = 3;
const LONGEST_SECONDS = 900;
/** What a receiver may ask for at most: ten tries must fit into the half day that the queue keeps a message. */
const MOST_ASKED_SECONDS = 3_600;
/** What can never work is not waited for: it is before people within a minute. */
const HOPELESS_SECONDS = 5;

/** Seconds until the next try; `tries` counts those that were made, this one included. */
export function waitSeconds(outcome: Exclude<Delivered, { kind: 'taken' }>, tries: number): number {
  if (outcome.kind === 'refused') return HOPELESS_SECONDS;
  const own = Math.min(LONGEST_SECONDS, FIRST_SECONDS * GROWTH ** (tries - 1));
  return Math.max(own, Math.min(MOST_ASKED_SECONDS, outcome.afterSeconds ?? 0));
}
