// A quarter of an hour of one service, counted, and what may be said of its own past from such windows.

/** `at`: when it began, epoch ms. Of the past it may be longer, such as an hour. `p50Ms`: of the answers, if any. */
export type Window = Readonly<{
  at: number;
  up: number;
  slow: number;
  down: number;
  unknown: number;
  p50Ms?: number | undefined;
}>;

const DAY_MS = 86_400_000;
/** How near counts as the same time of day: what is usual by night is not usual by day. */
const NEAR_MS = 90 * 60_000;
/** Fewer days, or windows of them, do not tell what is usual. */
const DAYS = 3;
const WINDOWS = 9;
/** With fewer probes than this, a single one would decide a window: intervals above five minutes are not judged. */
const LOOKS = 3;
/** Windows that are judged together, and how far back they may lie. */
const RECENT = 6;
const RECENT_MS = 3 * 3_600_000;

/** Looks that could tell anything; our own trouble counts for nothing. */
export const looksOf = ({ up, slow, down }: Window): number => up + slow + down;

/** Whether a window says something and is no outage: outages have alerts of their own, and are not usual. */
const isTelling = (window: Window): boolean => looksOf(window) >= LOOKS && window.down * 2 < looksOf(window);

/** The newest windows that say something, oldest first. */
export function recentOf(windows: readonly Window[]): readonly Window[] {
  const newest = Math.max(...windows.map(({ at }) => at));
  return windows.filter((window) => window.at > newest - RECENT_MS && isTelling(window)).slice(-RECENT);
}

/** The past at this time of day; undefined when there is too little of it to say what is usual. */
export function sameTimeOf(past: readonly Window[], at: number): readonly Window[] | undefined {
  const near = past.filter((window) => at - window.at > DAY_MS / 2 && isNear(window.at, at) && isTelling(window));
  const days = new Set(near.map((window) => Math.round((at - window.at) / DAY_MS)));
  return near.length >= WINDOWS && days.size >= DAYS ? near : undefined;
}

function isNear(one: number, other: number): boolean {
  const apart = Math.abs(one - other) % DAY_MS;
  return Math.min(apart, DAY_MS - apart) <= NEAR_MS;
}

/** Of an even number the upper of the two in the middle. NaN of none. */
export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
