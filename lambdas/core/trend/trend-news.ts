// The event for a service's trend: only what is not known yet, so that a steady service costs no write.
import type { Trend, TrendSeen } from '../model/events.ts';
import { findTrend } from './find-trend.ts';
import type { Window } from './window.ts';
import { QUARTER_MS } from './windows-of.ts';

/**
 * The event for `advance`, as of the end of the newest window; undefined where what is known stays. Windows are as
 * `findTrend` wants them.
 */
export function trendNews(seen: {
  past: readonly Window[];
  recent: readonly Window[];
  known: Trend | undefined;
}): TrendSeen | undefined {
  const newest = seen.recent.at(-1);
  const trend = findTrend(seen);
  if (!newest || trend?.kind === seen.known?.kind) return undefined;
  return { kind: 'trend', at: newest.at + QUARTER_MS, trend };
}
