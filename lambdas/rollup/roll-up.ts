// One run of the roll-up: the hours completed since the last run, the days whose hours are all there, and whether any
// service drifts away from its past. It may come late, twice, or end half-way: what it writes follows from what is
// stored, and how far it has come is noted last.
import { DAY_MS } from '../core/numbers/roll-day.ts';
import { HOUR_MS } from '../core/numbers/roll-hour.ts';
import type { Stretch } from '../core/numbers/service-facts.ts';
import type { Progress } from '../core/numbers/window.ts';
import { readFleet } from '../flow/read-fleet.ts';
import { judgeTrends } from './judge-trends.ts';
import { rollUpDay } from './roll-up-day.ts';
import { rollUpHours, type RollUpPorts } from './roll-up-hours.ts';

/** How long after its end an hour is complete: the rows and records of its last minute have been written by then. */
const SETTLED_AFTER_MS = 5 * 60_000;
/** A run begins nothing more after this long; its function has twice the time. */
const MOST_MS = 60_000;

/** Rejects when something fails; what was done until then is kept, and the next run goes on from there. */
export async function rollUp(ports: RollUpPorts, signal: AbortSignal): Promise<void> {
  const startedAt = ports.clock.now();
  const newest = floorTo(startedAt - SETTLED_AFTER_MS, HOUR_MS);
  let progress = (await ports.rollups.progress(signal)) ?? (await beginning(newest, ports, signal));
  for (;;) {
    const next = nextStretch(progress, newest);
    if (!next || ports.clock.now() > startedAt + MOST_MS) return;
    signal.throwIfAborted();
    await rollUpNext(next, ports, signal);
    progress = next.after;
    await ports.rollups.advance(progress, signal);
  }
}

type Next = Readonly<{ kind: 'hours' | 'day' | 'trends'; stretch: Stretch; after: Progress }>;

function rollUpNext({ kind, stretch }: Next, ports: RollUpPorts, signal: AbortSignal): Promise<void> {
  if (kind === 'day') return rollUpDay(stretch, ports, signal);
  return kind === 'hours' ? rollUpHours(stretch, ports, signal) : judgeTrends(stretch.before, ports, signal);
}

/**
 * The next thing to do: a day an hour after it has ended, so that late records are counted; else hours, up to the end
 * of their day, so that a run with much to catch up on reads every timeline once per day and not once per hour. Trends
 * come last, and only for the newest hour: nobody should be warned of something that may long be over.
 */
function nextStretch(progress: Progress, newest: number): Next | undefined {
  const { hours, days, trends = 0 } = progress;
  const tomorrow = days + DAY_MS;
  if (hours >= tomorrow + HOUR_MS)
    return { kind: 'day', stretch: { from: days, before: tomorrow }, after: { ...progress, days: tomorrow } };
  if (hours < newest) {
    const before = Math.min(newest, hours < tomorrow ? tomorrow : tomorrow + HOUR_MS);
    return { kind: 'hours', stretch: { from: hours, before }, after: { ...progress, hours: before } };
  }
  if (trends >= hours) return undefined;
  return { kind: 'trends', stretch: { from: trends, before: hours }, after: { ...progress, trends: hours } };
}

/** Where the first run begins: with the oldest service, as far back as results are kept; without services, now. */
async function beginning(newest: number, ports: RollUpPorts, signal: AbortSignal): Promise<Progress> {
  const fleet = await readFleet(ports, signal);
  const oldest = fleet.reduce((first, { registeredAt }) => Math.min(first, registeredAt), newest);
  const hours = floorTo(Math.max(oldest, newest - ports.resultsKeptMs), HOUR_MS);
  return { hours, days: floorTo(hours, DAY_MS), trends: hours };
}

const floorTo = (at: number, ms: number): number => Math.floor(at / ms) * ms;
