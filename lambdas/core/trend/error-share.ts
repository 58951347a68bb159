// Whether more probes than usual are slow or fail, though not enough in a row to make the service degraded or
// unhealthy.
import type { Trend } from '../model/events.ts';
import { looksOf, type Window } from './window.ts';

/** Standard deviations of a bound: one in a thousand on its side. */
const SURE = 3.09;
/** The share must be this many times the highest usual one, and at least this large. */
const RATIO = 2;
const LEAST_SHARE = 0.02;
/** How many windows must agree: one bad window among good ones is an incident or nothing, but not a trend. */
const BEGIN = 4;

/**
 * Both bounds of Wilson's score interval for a share (Wilson, "Probable inference, the law of succession, and
 * statistical inference", 1927), which holds for few looks and for shares near nothing too.
 */
export function wilson(bad: number, looks: number): readonly [low: number, high: number] {
  const square = SURE ** 2 / looks;
  const share = bad / looks;
  const centre = share + square / 2;
  const half = Math.sqrt(square * (share * (1 - share) + square / 4));
  return [(centre - half) / (1 + square), (centre + half) / (1 + square)];
}

/**
 * A trend begins when, in most of the recent windows, surely more probes are bad than twice the most that the past
 * allows; it ends when that is no longer seen. `isOn`: there was a trend up to now.
 */
export function errorShare(past: readonly Window[], recent: readonly Window[], isOn: boolean): Trend | undefined {
  const [before, now] = [countOf(past), countOf(recent)];
  const limit = Math.max(RATIO * wilson(before.bad, before.looks)[1], LEAST_SHARE);
  const high = recent.filter((window) => badOf(window) > limit * looksOf(window));
  const share = now.bad / now.looks;
  const isHigh = isOn ? share > limit : high.length >= BEGIN && wilson(now.bad, now.looks)[0] > limit;
  const [first] = high;
  if (!isHigh || !first) return undefined;
  const usual = before.bad / before.looks;
  return {
    ...{ kind: 'errors', since: first.at, now: share, usual },
    message: `${percent(share)} of the looks are slow or fail; ${percent(usual)} are usual.`,
  };
}

const badOf = ({ slow, down }: Window): number => slow + down;
const countOf = (windows: readonly Window[]) => ({
  bad: windows.reduce((sum, window) => sum + badOf(window), 0),
  looks: windows.reduce((sum, window) => sum + looksOf(window), 0),
});
const percent = (share: number): string => `${Math.round(share * 1000) / 10} %`;
