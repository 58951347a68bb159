// When a service is due: arithmetic, not state. A round that is skipped or doubled needs no repair.
import { partOf } from '../values/hash.ts';

const MINUTE_SECONDS = 60;
const STEPS = [1, 2, 3, 4, 5, 6, 10, 12, 15, 20, 30, 60] as const;

/** The grid of beats inside a minute that serves this shortest interval: the largest divisor of 60 not above it. */
export function stepFor(fastestSeconds: number): number {
  return STEPS.findLast((step) => step <= fastestSeconds) ?? 1;
}

/** The beats of a minute, as seconds after it. */
export function beatsOfMinute(stepSeconds: number): readonly number[] {
  return Array.from({ length: MINUTE_SECONDS / stepSeconds }, (_, index) => index * stepSeconds);
}

export type Timed = Readonly<{ tenant: string; id: string; intervalSeconds: number }>;

/**
 * Whether a service is due at a beat (epoch ms) of a grid. Intervals of a minute or more look at whole minutes only and
 * are spread over them by a hash of the name; shorter ones are due at every beat that passes a multiple of theirs.
 */
export function isDue(service: Timed, beat: number, stepSeconds: number): boolean {
  const isSlow = service.intervalSeconds >= MINUTE_SECONDS;
  const grid = isSlow ? MINUTE_SECONDS : stepSeconds;
  const seconds = Math.round(beat / 1000);
  if (seconds % grid !== 0) return false;
  const shifted = seconds + offsetSeconds(service);
  return Math.floor(shifted / service.intervalSeconds) !== Math.floor((shifted - grid) / service.intervalSeconds);
}

/**
 * Whether a probe for this beat would come so late that two newer beats of the same service are due, which have packs
 * of their own. A queue that was held up for minutes is worked off in seconds: without this, probes of one moment would
 * count as many beats, and a hiccup would look like an outage. On one machine intervals may be as short as a second,
 * and a busy processor is often later than that; so this is never true before 20 s. `now` and `beat` are epoch ms.
 */
export const isOvertaken = (intervalSeconds: number, beat: number, now: number): boolean =>
  now - beat >= Math.max(2 * intervalSeconds, LEAST_LATE_SECONDS) * 1000;
const LEAST_LATE_SECONDS = 20;

/** The latest beat up to `now` (epoch ms) at which the service was due. */
export function lastDueBeat(service: Timed, now: number): number {
  const step = service.intervalSeconds >= MINUTE_SECONDS ? MINUTE_SECONDS : stepFor(service.intervalSeconds);
  const stepMs = step * 1000;
  let beat = Math.floor(now / stepMs) * stepMs;
  // An interval holds at most interval / step + 1 beats, so this ends.
  while (!isDue(service, beat, step)) beat -= stepMs;
  return beat;
}

function offsetSeconds({ tenant, id, intervalSeconds }: Timed): number {
  // There is only one minute to spread over.
  if (intervalSeconds <= MINUTE_SECONDS) return 0;
  const minutes = Math.ceil(intervalSeconds / MINUTE_SECONDS);
  return partOf(`${tenant}#${id}`, minutes) * MINUTE_SECONDS;
}
