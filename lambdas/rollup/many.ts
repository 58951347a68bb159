// What roll-ups of hours and days share: many requests at once, all timelines, and the sums of projects and fleet.
import type { TimelineRecord } from '../core/model/timeline.ts';
import type { Sums } from '../core/numbers/roll-day.ts';
import { nameOf } from '../core/numbers/roll-hour.ts';
import type { Stretch } from '../core/numbers/service-facts.ts';
import { HOURS_KEPT_MS } from '../core/numbers/window.ts';
import type { RollupStore } from '../ports/rollup-store.ts';
import type { ServiceKey } from '../ports/service-store.ts';
import type { Timeline } from '../ports/timeline.ts';

/** How many requests are under way at once. */
const AT_ONCE = 25;

export async function eachOf<T>(all: readonly T[], run: (one: T) => Promise<void>): Promise<void> {
  for (let from = 0; from < all.length; from += AT_ONCE) await Promise.all(all.slice(from, from + AT_ONCE).map(run));
}

/** Of `tenant#id`; neither holds a `#`. */
export const keyOfName = (name: string): ServiceKey => {
  const [tenant = '', id = ''] = name.split('#');
  return { tenant, id };
};

/** What the timelines say of a stretch of one day, by service. */
export async function timelinesOf(
  stretch: Stretch,
  { timeline }: Readonly<{ timeline: Pick<Timeline, 'fleetBetween'> }>,
  signal: AbortSignal,
): Promise<Timelines> {
  return Object.fromEntries(Map.groupBy(await timeline.fleetBetween(stretch, signal), nameOf));
}
export type Timelines = Readonly<Record<string, readonly TimelineRecord[]>>;

/** How long hours are kept: never longer than days. */
export const hoursKeptMs = (rollupsKeptMs: number): number => Math.min(rollupsKeptMs, HOURS_KEPT_MS);

export async function saveSums(
  { fleet, projects }: Sums,
  unit: 'HOUR' | 'DAY',
  at: number,
  { rollups, rollupsKeptMs }: Readonly<{ rollups: RollupStore; rollupsKeptMs: number }>,
  signal: AbortSignal,
): Promise<void> {
  const expiresAt = at + (unit === 'DAY' ? rollupsKeptMs : hoursKeptMs(rollupsKeptMs));
  await eachOf(projects, ({ tenant, project, roll }) =>
    rollups.save({ kind: 'project', tenant, project }, unit, at, roll, expiresAt, signal),
  );
  await rollups.save({ kind: 'fleet' }, unit, at, fleet, expiresAt, signal);
}
