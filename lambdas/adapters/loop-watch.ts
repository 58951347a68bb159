// Measures how long the event loop kept something waiting, so that our own load is not taken for a slow service.
import { performance } from 'node:perf_hooks';

/** A point in time, with how long the loop had slept until then (both in ms, on the monotonic clock). */
export type Moment = Readonly<{ at: number; slept: number }>;

export const moment = (): Moment => ({ at: performance.now(), slept: performance.nodeTiming.idleTime });

/** Time in which the loop was not asleep, that is, in which an event may have been ready but unseen. */
const awake = (from: Moment, to: Moment) => to.at - from.at - (to.slept - from.slept);

let watchers = 0;
let isArmed = false;
let lastTurn = moment();
let turnBefore = lastTurn;
/** The first event that was noted since the loop last slept. */
let wokenAt = lastTurn;

/**
 * Notes every turn of the event loop while there are watchers. It uses an unref'd immediate, which runs once after each
 * poll and keeps neither the loop awake nor the process alive; a turn costs a microsecond or two at most.
 */
export function watchLoop(): void {
  watchers += 1;
  if (watchers > 1) return;
  lastTurn = turnBefore = moment();
  if (isArmed) return; // somebody stopped watching in this very turn: one chain of immediates is enough
  isArmed = true;
  setImmediate(noteTurn).unref();
}

export function unwatchLoop(): void {
  watchers -= 1;
}

function noteTurn(): void {
  isArmed = watchers > 0;
  if (!isArmed) return;
  turnBefore = lastTurn;
  lastTurn = moment();
  setImmediate(noteTurn).unref();
}

/**
 * How long the socket event that is being handled `now` was ready in the kernel, in ms. Call it from the event's own
 * callback. Nothing before `since` (the previous event of the same exchange) is counted.
 *
 * If the loop slept since its last turn, nothing was ready when it fell asleep, and the event is of the batch that woke
 * it: it waited only for the callbacks of that batch before its own. If the loop did not sleep, the event may have
 * become ready at any time in the turn before. That bound is generous: it may excuse a service that was slow while we
 * were busy, and hardly ever blames one that was not.
 */
export function queuedMs(now: Moment, since: Moment): number {
  if (wokenAt.slept !== now.slept) wokenAt = now;
  const from = now.slept > lastTurn.slept ? wokenAt : turnBefore;
  return Math.max(0, awake(from.at > since.at ? from : since, now));
}
