// Early warning: people are warned when a service drifts away from its own past, before it fails (requirement H18).
// Pure; the roll-up calls it with windows of a quarter of an hour, and hands what it finds to `advance` as the event
// `trend`.
import type { Trend } from '../model/events.ts';
import { errorShare } from './error-share.ts';
import { latencyDrift } from './latency-drift.ts';
import { recentOf, sameTimeOf, type Window } from './window.ts';

/** Windows that must say something before anything is said of them. */
const LEAST = 4;

/**
 * What is unusual about a service, or undefined when nothing is.
 *
 * `recent`: windows of a quarter of an hour, oldest first, three hours of them at the most. `past`: those of the days
 * before, fourteen of them at the best; hours will do, and only those within an hour and a half of this time of day are
 * looked at. `known`: what was unusual up to now; that ends later than it would begin. Where too little can be said,
 * because nothing but `unknown` was seen, what is known stays.
 */
export function findTrend({
  past,
  recent,
  known,
}: {
  past: readonly Window[];
  recent: readonly Window[];
  known?: Trend | undefined;
}): Trend | undefined {
  const telling = recentOf(recent);
  const middle = telling[Math.floor(telling.length / 2)];
  const usual = middle && sameTimeOf(past, middle.at);
  if (!usual || telling.length < LEAST) return known;
  const judge = (kind: Trend['kind']): Trend | undefined => {
    const isOn = known?.kind === kind;
    const found = (kind === 'errors' ? errorShare : latencyDrift)(usual, telling, isOn);
    return found && isOn ? { ...found, since: known.since } : found;
  };
  // A trend that is on is checked first, so that one episode stays one.
  return known?.kind === 'latency' ? (judge('latency') ?? judge('errors')) : (judge('errors') ?? judge('latency'));
}
