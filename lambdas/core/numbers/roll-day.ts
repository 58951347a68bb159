// A whole UTC day of one shard, from its hours; and the sums of several services. Counts from the timelines are made
// again: a record that came after its hour had been rolled up still counts in its day.
import type { TimelineRecord } from '../model/timeline.ts';
import { addUp, type CountName, inSequence, plainCounts, type Roll, together } from './roll.ts';
import { HOUR_MS, type HourEntries, NAMELESS, rollOf } from './roll-hour.ts';
import { factsOf, nothingBefore, type Stretch } from './service-facts.ts';

export const DAY_MS = 86_400_000;

/** A service with its roll-up; all services whose names are no longer known are one. */
export type Rolled = Readonly<{ name: string; project?: string | undefined; roll: Roll }>;

/** What rows say, and no timeline. */
const SEEN: ReadonlySet<string> = new Set<CountName>(
  plainCounts.filter((name) => name === 'watchedMs' || name === 'latencyMs' || name.startsWith('verdict.')),
);
/** Whether a count comes from the hours alone: from the rows, or from the state, which cannot be read again later. */
const isKept = (name: string) => SEEN.has(name) || name.startsWith('alert.') || name.startsWith('held.');

/**
 * `found` are the hours of the day and the one before it, oldest first, without those in which the shard was empty.
 * A service that no longer existed in the last hour has no health at the end.
 */
export function rollDay(
  day: Stretch,
  found: readonly Readonly<{ hour: number; entries: HourEntries }>[],
  timelines: Readonly<Record<string, readonly TimelineRecord[]>>,
): readonly Rolled[] {
  const at = (hour: number) => found.find((one) => one.hour === hour)?.entries ?? {};
  const [before, last] = [at(day.from - HOUR_MS), at(day.before - HOUR_MS)];
  const hours = found.filter(({ hour }) => hour >= day.from).map(({ entries }) => entries);
  const names = new Set(hours.flatMap((entries) => Object.keys(entries)));
  return [...names].map((name) => {
    const entries = hours.flatMap((one) => one[name] ?? []);
    const all = inSequence(entries.map(({ roll }) => roll));
    const healths = last[name]?.roll.healths ?? {};
    const project = entries.at(-1)?.project;
    if (name === NAMELESS) return { name, roll: { ...all, healths } };
    const seen = { ...all, counts: only(all.counts, isKept) };
    const facts = factsOf(timelines[name] ?? [], day, before[name]?.carry ?? nothingBefore, undefined);
    return { name, project, roll: { ...rollOf(seen, name, facts, false), healths } };
  });
}

const only = (counts: Roll['counts'], isWanted: (name: string) => boolean): Roll['counts'] =>
  addUp([Object.fromEntries(Object.entries(counts).filter(([name]) => isWanted(name)))]);

export type Sums = Readonly<{
  fleet: Roll;
  projects: readonly Readonly<{ tenant: string; project: string; roll: Roll }>[];
}>;

/** The sums of several shards together. */
export function joined(sums: readonly Sums[]): Sums {
  const groups = Map.groupBy(
    sums.flatMap(({ projects }) => projects),
    ({ tenant, project }) => `${tenant}#${project}`,
  );
  return {
    fleet: together(sums.map(({ fleet }) => fleet)),
    projects: [...groups.values()].flatMap((members) =>
      members.slice(0, 1).map((one) => ({ ...one, roll: together(members.map(({ roll }) => roll)) })),
    ),
  };
}

/** The fleet, and every project of every tenant. */
export function sumsOf(rolled: readonly Rolled[]): Sums {
  const inProjects = rolled.filter(({ project }) => project !== undefined);
  const groups = Map.groupBy(inProjects, ({ name, project = '' }) => `${tenantOf(name)}#${project}`);
  return {
    fleet: together(rolled.map(({ roll }) => roll)),
    projects: [...groups].map(([key, members]) => ({
      tenant: tenantOf(key),
      project: key.slice(key.indexOf('#') + 1),
      roll: together(members.map(({ roll }) => roll)),
    })),
  };
}

const tenantOf = (name: string): string => name.slice(0, name.indexOf('#'));
