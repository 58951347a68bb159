// One run: the hours that are complete since the last one, the days of which all hours are, and whether any service
// drifts away from its past by now. It may come late, twice, or end half-way: what it writes follows from what is kept,
// and how far it has come is noted last.
import { DAY_MS } from '../core/numbers/roll-day.ts';
import { HOUR_MS } from '../core/numbers/roll-hour.ts';
import type { Stretch } from '../core/numbers/service-facts.ts';
import type { Progress } from '../core/numbers/window.ts';
import { readFleet } from '../flow/read-fleet.ts';
import { judgeTrends } from './judge-trends.ts';
import { rollUpDay } from './roll-up-day.ts';
import { rollUpHours, type RollUpPorts } from './roll-up-hours.ts';

/** So long after its end an hour is complete: its last pack has been written, and so are the records of its last minute. */
const SETTLED_AFTER_MS = 5 * 60_000;
/** A run begins nothing more after this long; its function has twice the time. */
const MOST_MS = 60_000;

/** Rejects when something fails; what was done till then is kept, and the next run goes on from there. */
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
 * A day an hour after it has ended, so that what came late is counted; else hours, up to the end of their day, so that a
 * run that has much to catch up on reads every timeline once a day and not once an hour. Trends come last, and of the
 * newest hour alone: nobody is warned of what may long be over.
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

/** With the oldest service there is, or as far back as results are kept; of a fleet without services now. */
async function beginning(newest: number, ports: RollUpPorts, signal: AbortSignal): Promise<Progress> {
  const fleet = await readFleet(ports, signal);
  const oldest = fleet.reduce((first, { registeredAt }) => Math.min(first, registeredAt), newest);
  const hours = floorTo(Math.max(oldest, newest - ports.resultsKeptMs), HOUR_MS);
  return { hours, days: floorTo(hours, DAY_MS), trends: hours };
}

const floorTo = (at: number, ms: number): number => Math.floor(at / ms) * ms;
