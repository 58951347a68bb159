// When a run begins, and how far the functions' clocks may be off.

export const START = Date.UTC(2026, 0, 5);
/** The most that any function's clock is off, in ms: leases and claims allow for it. */
export const MAX_SKEW_MS = 1_000;
export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;
