// The storm guard: when too large a share of the fleet, of a project or of what bears one tag fails together, the cause
// is not in the services, and restarting them all would only add to it. Restarts wait until it is over.
import * as z from 'zod/mini';

import type { Census } from '../../contract/messages.ts';
import { FLEET_GROUP } from './census.ts';

/** What counts as a storm in a group. */
export type StormRules = Readonly<{
  /** Share of a group's services that fail together, from 0 to 1. */
  share: number;
  /** Fewer failing services than this are no storm, whatever their share. */
  least: number;
  /** How long after a storm was last seen restarts are still held: services may come back by themselves. */
  cooldownMs: number;
}>;

const news = ['storm', 'storm_over'] as const;
/** The news about a storm: that it began, and that it is over. */
export type News = (typeof news)[number];

const stormSchema = z.object({
  id: z.string(),
  group: z.string(),
  /** As they were when it was first seen. */
  services: z.int(),
  failing: z.int(),
  /** For a storm of the fleet: all other groups that were counted, because it holds their services too. */
  within: z.optional(z.array(z.string())),
  openedAt: z.number(),
  lastSeenAt: z.number(),
  /** One invocation tells people of it until then; nobody else may. */
  claimedUntil: z.optional(z.number()),
  /** When people were told that it began; until then they are owed that. */
  toldAt: z.optional(z.number()),
  /** When restarts went on again; from then on people are owed that news, and after it the storm is forgotten. */
  endedAt: z.optional(z.number()),
  /** When people were told that it is over, if it cannot be forgotten yet. */
  overToldAt: z.optional(z.number()),
  /** What people were told and the event bus was not. */
  busOwed: z.optional(z.array(z.enum(news))),
  /** What the event bus was told while people could not be. */
  busHeard: z.optional(z.enum(news)),
});
export type Storm = Readonly<z.infer<typeof stormSchema>>;

/** All storms of the fleet, one for each group, in one item. */
export const stormsSchema = z.object({ version: z.int(), storms: z.array(stormSchema) });
export type Storms = Readonly<{ version: number; storms: readonly Storm[] }>;
export const noStorms: Storms = { version: 0, storms: [] };

export type Sighting = Readonly<Pick<Storm, 'group' | 'services' | 'failing'>>;

/** A storm in the first of these groups in which enough services fail; `undefined` when there is none. */
export function stormIn(census: Census, groups: readonly string[], rules: StormRules): Sighting | undefined {
  const seen = groups.map((group) => ({ group, services: 0, failing: 0, ...census[group] }));
  return seen.find(({ services, failing }) => failing >= rules.least && failing >= rules.share * services);
}

/** Why services of these groups are not restarted now; `undefined` when no storm holds them. */
export function stormOver(
  { storms }: Storms,
  groups: readonly string[],
  now: number,
  rules: StormRules,
): string | undefined {
  const isHolding = ({ lastSeenAt, endedAt }: Storm) => endedAt === undefined && now - lastSeenAt < rules.cooldownMs;
  const holding = storms.find((storm) => groups.includes(storm.group) && isHolding(storm));
  return holding && stormWords(holding);
}

const groupWords = (group: string): string => (group === FLEET_GROUP ? 'the fleet' : group);

/** A storm in words. They stay the same while it lasts, so that they are noted once. */
export const stormWords = ({ group, services, failing }: Sighting): string =>
  `storm: ${failing} of ${services} services of ${groupWords(group)} failed together`;

/** The news of a storm that people have not been told yet. */
export const newsOwed = ({ toldAt, endedAt, overToldAt }: Storm): News | undefined => {
  if (toldAt === undefined) return 'storm';
  return endedAt === undefined || overToldAt !== undefined ? undefined : 'storm_over';
};

/** Whether people or the event bus are still owed news of it. */
export const isOwed = (storm: Storm): boolean =>
  newsOwed(storm) !== undefined || (storm.busOwed !== undefined && storm.busOwed.length > 0);

/** Longer than all packs of a round need until their counts together show a storm of the fleet. */
const WIDENS_SECONDS = 15;

/**
 * How long the news of a storm waits, in seconds: a storm of a project or a tag may be the beginning of one of the
 * fleet, which is noted once enough of the packs have counted, and then is the only one told.
 */
export const newsAfterSeconds = (storm: Storm): number =>
  storm.group === FLEET_GROUP || newsOwed(storm) !== 'storm' ? 0 : WIDENS_SECONDS;

/** The storms with this one claimed: one invocation tells people about it, until `claimedUntil`. */
export const claimed = (known: Storms, id: string, claimedUntil: number): Storms => ({
  version: known.version + 1,
  storms: known.storms.map((storm) => (storm.id === id ? { ...storm, claimedUntil } : storm)),
});

/**
 * How many finished storms may wait for the bus alone: all storms are in one item, which must stay small enough to
 * write.
 */
const MOST_WAITING = 10;

/**
 * The storms after people were told (`news`; none when they knew already), and with what the event bus is still owed
 * about this one. A storm is forgotten when people and the bus both know that it is over, or when more than ten
 * finished ones wait for the bus alone.
 */
export function told(
  known: Storms,
  id: string,
  news: News | undefined,
  now: number,
  busOwed: readonly News[] = [],
): Storms {
  const waiting = known.storms.filter((other) => other.id !== id && other.overToldAt !== undefined).length;
  const isOfInterest = busOwed.length > 0 && waiting < MOST_WAITING;
  const storms = known.storms.flatMap((storm): Storm[] => {
    if (storm.id !== id) return [storm];
    const after: Storm = {
      ...storm,
      ...(news === 'storm' && { toldAt: now }),
      ...(news === 'storm_over' && { overToldAt: now }),
      claimedUntil: undefined,
      busOwed: busOwed.length > 0 ? [...busOwed] : undefined,
      busHeard: undefined,
    };
    return after.overToldAt !== undefined && !isOfInterest ? [] : [after];
  });
  return { version: known.version + 1, storms };
}

/**
 * The storms after the event bus was told but people could not be: the bus is still owed `busOwed`, and `busHeard` is
 * not sent to it again. The claim of the invocation that told it stays.
 */
export const heard = (known: Storms, id: string, busHeard: News | undefined, busOwed: readonly News[]): Storms => ({
  version: known.version + 1,
  storms: known.storms.map((storm) => (storm.id === id ? { ...storm, busHeard, busOwed: [...busOwed] } : storm)),
});
