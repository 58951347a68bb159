// One hour of one shard: what its packed rows and the timelines say about each service.
import * as z from 'zod/mini';

import type { State } from '../model/state.ts';
import type { TimelineRecord } from '../model/timeline.ts';
import { everyResult, keyOf, type PackedResult, type PackedRow } from '../rounds/packed-row.ts';
import { sketchOf } from './latency-sketch.ts';
import { addUp, type CountName, emptyRoll, type Roll, rollSchema, standing, together } from './roll.ts';
import { type Carry, carrySchema, type Facts, factsOf, nothingBefore, type Stretch } from './service-facts.ts';

export const HOUR_MS = 3_600_000;

/** A service in an hour of its shard, under `tenant#id`. `carry` is for the hour after. */
export const hourEntrySchema = z.object({ project: z.optional(z.string()), roll: rollSchema, carry: carrySchema });
type HourEntry = Readonly<{ project?: string | undefined; roll: Roll; carry: Carry }>;
export type HourEntries = Readonly<Record<string, HourEntry>>;

/** Results whose service nobody can name any more: it was registered and removed within the hour. */
export const NAMELESS = '?';

export type KnownService = Readonly<{
  tenant: string;
  id: string;
  project?: string | undefined;
  registeredAt: number;
  state: State;
}>;

export type HourSeen = Readonly<{
  hour: Stretch;
  /** Of every network. */
  rows: readonly PackedRow[];
  /** All that are registered in the shard now. */
  services: readonly KnownService[];
  /** By `tenant#id`, oldest first. */
  timelines: Readonly<Record<string, readonly TimelineRecord[]>>;
  /** The hour before, as it was rolled up. */
  before: HourEntries;
}>;

export const nameOf = ({ tenant, id }: Readonly<{ tenant: string; id: string }>): string => `${tenant}#${id}`;
/** The key that packed rows know it by. */
const keyOfName = (name: string): number => {
  const [tenant = '', id = ''] = name.split('#');
  return keyOf(tenant, id);
};

/**
 * Every service that was there in the hour, also one that is gone by now: its name is known from the hour before. The
 * same input gives the same entries, so that an hour may be rolled up as often as one likes.
 */
export function rollHour({ hour, rows, services, timelines, before }: HourSeen): HourEntries {
  const seen = seenIn(rows, hour);
  const entries: Record<string, HourEntry> = {};
  const take = (name: string, known: KnownService | undefined) => {
    const key = keyOfName(name);
    const ofService = seen.get(key) ?? emptyRoll;
    seen.delete(key);
    const told = factsOf(timelines[name] ?? [], hour, before[name]?.carry ?? nothingBefore, known?.state);
    const facts = known ? withCounted(told, countedIn(known.state)) : told;
    const project = known ? known.project : before[name]?.project;
    entries[name] = {
      ...(project !== undefined && { project }),
      roll: rollOf(ofService, name, facts, known !== undefined),
      carry: facts.carry,
    };
  };
  const there = services.filter(({ registeredAt }) => registeredAt < hour.before);
  for (const service of there) take(nameOf(service), service);
  for (const name of Object.keys(before)) if (!entries[name] && seen.has(keyOfName(name))) take(name, undefined);
  if (seen.size > 0) entries[NAMELESS] = { roll: together([...seen.values()]), carry: nothingBefore };
  return entries;
}

type Counting = Pick<State, 'owed'> & Readonly<{ heldBack?: Readonly<Record<string, number | undefined>> | undefined }>;

/** The counters in a state, which only grow: alerts by level, and those held back by reason. */
const countedIn = ({ owed = {}, heldBack = {} }: Counting): Record<string, number> => {
  const named = (prefix: string, counts: Readonly<Record<string, number | undefined>>) =>
    Object.fromEntries(Object.entries(counts).map(([name, count]) => [`${prefix}.${name}`, count]));
  return addUp([named('alert', owed), named('held', heldBack)]);
};

/** Adds what has come since the hour before. The counters of a service that was registered again start from zero. */
function withCounted({ counts, carry }: Facts, counted: Readonly<Record<string, number>>): Facts {
  const since = Object.entries(counted).map(([name, count]) => {
    const known = carry.counted?.[name] ?? 0;
    return [name, count < known ? count : count - known] as const;
  });
  return { counts: addUp([counts, Object.fromEntries(since)]), carry: { ...carry, counted } };
}

/** The roll-up of one service: what was seen, together with what the timeline says. */
export function rollOf(seen: Roll, name: string, { counts, carry }: Facts, isThere: boolean): Roll {
  const ends = (end: string) =>
    Object.entries(counts).reduce(
      (sum, [key, n]) => (key.startsWith('restart.') && key.endsWith(end) ? sum + n : sum),
      0,
    );
  const completed = ends('.completed');
  const ended = completed + ends('.failed');
  return {
    ...seen,
    counts: addUp([seen.counts, counts]),
    restarted: ended + ends('.relapsed') > 0 ? { [name]: { ended, lasting: completed - ends('.relapsed') } } : {},
    healths: standing(isThere ? carry.health : undefined),
  };
}

/** What the rows say of each service, by its key: how often which verdict came, and how fast the good answers. */
export function seenIn(rows: readonly PackedRow[], { from, before }: Stretch): Map<number, Roll> {
  const results = Map.groupBy(
    rows.filter(({ beat }) => beat >= from && beat < before).flatMap(everyResult),
    ({ key }) => key,
  );
  return new Map([...results].map(([key, ofService]) => [key, seenOf(ofService, before - from)]));
}

function seenOf(results: readonly Pick<PackedResult, 'verdict' | 'latencyMs'>[], stretchMs: number): Roll {
  const counts: Partial<Record<CountName, number>> = {};
  const latencies: number[] = [];
  for (const { verdict, latencyMs } of results) {
    counts[`verdict.${verdict}`] = (counts[`verdict.${verdict}`] ?? 0) + 1;
    if (latencyMs !== undefined && (verdict === 'up' || verdict === 'slow')) latencies.push(latencyMs);
  }
  const isKnown = results.some(({ verdict }) => verdict !== 'unknown');
  const latencyMs = latencies.reduce((sum, ms) => sum + ms, 0);
  return {
    ...emptyRoll,
    counts: addUp([counts, { latencyMs, watchedMs: isKnown ? stretchMs : 0 }]),
    latencies: sketchOf(latencies),
  };
}
