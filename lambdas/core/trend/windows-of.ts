// The windows that trends are found in, as results and roll-ups hold them: quarters of an hour of the packed rows, hours
// of the days before.
import { quantileOf } from '../numbers/latency-sketch.ts';
import { countOf, type Roll } from '../numbers/roll.ts';
import { HOUR_MS, type HourEntries, seenIn } from '../numbers/roll-hour.ts';
import type { Stretch } from '../numbers/service-facts.ts';
import { keyOf, type PackedRow } from '../rounds/packed-row.ts';
import type { Window } from './window.ts';

export const QUARTER_MS = HOUR_MS / 4;
const DAY_MS = 24 * HOUR_MS;
/** Windows that are judged, and days that they are judged by. */
const RECENT_MS = 3 * HOUR_MS;
const DAYS = 14;
/** Of every day the hours about the newest windows, as many as are looked at of it where no window is missing. */
const BEFORE_MS = 2 * HOUR_MS;
const AFTER_MS = HOUR_MS;

type Key = Readonly<{ tenant: string; id: string }>;

/** What is to be read to judge a shard at the end of an hour: `past`, a stretch of each day before, newest first. */
export const stretchesFor = (before: number): Readonly<{ recent: Stretch; past: readonly Stretch[] }> => ({
  recent: { from: before - RECENT_MS, before },
  past: Array.from({ length: DAYS }, (_, nth) => {
    const then = before - (nth + 1) * DAY_MS;
    return { from: then - BEFORE_MS, before: then + AFTER_MS };
  }),
});

/** Quarters of an hour of the rows of a shard, oldest first, for each of its services; one that nobody looked at has none. */
export function quartersOf(rows: readonly PackedRow[], { from, before }: Stretch): (service: Key) => Window[] {
  const quarters = Array.from({ length: Math.ceil((before - from) / QUARTER_MS) }, (_, nth) => {
    const at = from + nth * QUARTER_MS;
    return { at, seen: seenIn(rows, { from: at, before: at + QUARTER_MS }) };
  });
  return ({ tenant, id }) => {
    const key = keyOf(tenant, id);
    return quarters.flatMap(({ at, seen }) => {
      const roll = seen.get(key);
      return roll ? [windowOf(at, roll)] : [];
    });
  };
}

/** An hour of a shard, for each of its services (`tenant#id`). */
export const hourWindows = (hour: number, entries: HourEntries): readonly (readonly [name: string, window: Window])[] =>
  Object.entries(entries).map(([name, { roll }]) => [name, windowOf(hour, roll)]);

const windowOf = (at: number, roll: Roll): Window => ({
  at,
  up: countOf(roll, 'verdict.up'),
  slow: countOf(roll, 'verdict.slow'),
  down: countOf(roll, 'verdict.down'),
  unknown: countOf(roll, 'verdict.unknown'),
  p50Ms: quantileOf(roll.latencies, 0.5),
});
