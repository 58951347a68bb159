// What hours and days have in common: many services at once, their timelines, and the sums of projects and fleet.
import type { TimelineRecord } from '../core/model/timeline.ts';
import type { Sums } from '../core/numbers/roll-day.ts';
import { NAMELESS } from '../core/numbers/roll-hour.ts';
import type { Stretch } from '../core/numbers/service-facts.ts';
import { HOURS_KEPT_MS } from '../core/numbers/window.ts';
import type { RollupStore, ServiceKey, Timeline } from '../ports.ts';

/** So many requests are under way at once. */
const AT_ONCE = 25;

export async function eachOf<T>(all: readonly T[], run: (one: T) => Promise<void>): Promise<void> {
  for (let from = 0; from < all.length; from += AT_ONCE) await Promise.all(all.slice(from, from + AT_ONCE).map(run));
}

/** Of `tenant#id`; neither holds a `#`. */
export const keyOfName = (name: string): ServiceKey => {
  const [tenant = '', id = ''] = name.split('#');
  return { tenant, id };
};

/** What every service's timeline says of a stretch, by name; those that it says nothing of are left out. */
export async function timelinesOf(
  names: readonly string[],
  stretch: Stretch,
  { timeline }: Readonly<{ timeline: Pick<Timeline, 'between'> }>,
  signal: AbortSignal,
): Promise<Readonly<Record<string, readonly TimelineRecord[]>>> {
  const found: Record<string, readonly TimelineRecord[]> = {};
  await eachOf(
    names.filter((name) => name !== NAMELESS),
    async (name) => {
      const records = await timeline.between(keyOfName(name), stretch, signal);
      if (records.length > 0) found[name] = records;
    },
  );
  return found;
}

/** Hours go before days do. */
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
