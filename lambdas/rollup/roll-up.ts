// One run: the hours that are complete since the last one, and the days of which all hours are. It may come late, twice,
// or end half-way: what it writes follows from what is kept, and how far it has come is noted last.
import { DAY_MS } from '../core/numbers/roll-day.ts';
import { HOUR_MS } from '../core/numbers/roll-hour.ts';
import type { Stretch } from '../core/numbers/service-facts.ts';
import type { Progress } from '../core/numbers/window.ts';
import { readFleet } from '../flow/read-fleet.ts';
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
    if (next.kind === 'day') await rollUpDay(next.stretch, ports, signal);
    else await rollUpHours(next.stretch, ports, signal);
    progress = next.after;
    await ports.rollups.advance(progress, signal);
  }
}

type Next = Readonly<{ kind: 'hours' | 'day'; stretch: Stretch; after: Progress }>;

/**
 * A day an hour after it has ended, so that what came late is counted; else hours, up to the end of their day, so that a
 * run that has much to catch up on reads every timeline once a day and not once an hour.
 */
function nextStretch({ hours, days }: Progress, newest: number): Next | undefined {
  const tomorrow = days + DAY_MS;
  if (hours >= tomorrow + HOUR_MS)
    return { kind: 'day', stretch: { from: days, before: tomorrow }, after: { hours, days: tomorrow } };
  if (hours >= newest) return undefined;
  const before = Math.min(newest, hours < tomorrow ? tomorrow : tomorrow + HOUR_MS);
  return { kind: 'hours', stretch: { from: hours, before }, after: { hours: before, days } };
}

/** With the oldest service there is, or as far back as results are kept; of a fleet without services now. */
async function beginning(newest: number, ports: RollUpPorts, signal: AbortSignal): Promise<Progress> {
  const fleet = await readFleet(ports, signal);
  const oldest = fleet.reduce((first, { registeredAt }) => Math.min(first, registeredAt), newest);
  const hours = floorTo(Math.max(oldest, newest - ports.resultsKeptMs), HOUR_MS);
  return { hours, days: floorTo(hours, DAY_MS) };
}

const floorTo = (at: number, ms: number): number => Math.floor(at / ms) * ms;
