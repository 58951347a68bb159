// Whether a service has become slower than it usually is at this time of day, though no threshold is reached yet.
import type { Trend } from '../model/events.ts';
import { median, type Window } from './window.ts';

/** Modified z-scores above this are outliers, says the source. */
const OUTLIER = 3.5;
/** A service that never varies would call everything an outlier: less scatter than a tenth is not believed. */
const LEAST_SCATTER = 0.1;
/** It must matter too: half as slow again, and by some milliseconds. */
const RATIO = 1.5;
const LEAST_MS = 5;
/**
 * A drift begins when this many of the recent windows are slow; it ends when this many of the last are all back to
 * usual.
 */
const BEGIN = 4;
const END = 4;
/** The score that counts as back to usual, lower than that at which a drift begins, so that it does not flutter. */
const BACK = 2;
const BACK_RATIO = 1.25;

/**
 * Scores the medians of the recent windows by the modified z-score (Iglewicz & Hoaglin, "How to Detect and Handle
 * Outliers", 1993): distance from the median of the past in units of its median absolute deviation, of logarithms,
 * because latencies scatter by factors. Neither is moved by the few bad windows that every past holds. `isOn`: it was
 * slower than usual up to now.
 */
export function latencyDrift(past: readonly Window[], recent: readonly Window[], isOn: boolean): Trend | undefined {
  const logs = past.flatMap(({ p50Ms }) => (p50Ms === undefined ? [] : [Math.log(Math.max(p50Ms, 1))]));
  const middle = median(logs);
  const scatter = Math.max(median(logs.map((log) => Math.abs(log - middle))) / 0.6745, LEAST_SCATTER);
  const usual = Math.exp(middle);
  const isAbove = (ms: number, score: number, ratio: number) =>
    Math.log(ms) - middle > score * scatter && ms > usual * ratio && ms - usual > LEAST_MS;
  const timed = recent.flatMap(({ at, p50Ms }) => (p50Ms === undefined ? [] : [{ at, ms: p50Ms }]));
  const high = timed.filter(({ ms }) => isAbove(ms, OUTLIER, RATIO));
  const back = timed.slice(-END).filter(({ ms }) => !isAbove(ms, BACK, BACK_RATIO));
  const [first] = isOn ? timed : high;
  if (!first || (isOn ? back.length >= END : high.length < BEGIN)) return undefined;
  const now = Math.round(median((isOn ? timed : high).map(({ ms }) => ms)));
  const was = Math.round(usual);
  return {
    ...{ kind: 'latency', since: first.at, now, usual: was },
    message: `Answers take ${now} ms; ${was} ms are usual at this time of day.`,
  };
}
