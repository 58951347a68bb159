// The storm guard: when too large a share of the fleet, of a project or of what bears one tag fails together, the cause
// is not in the services, and restarting them all would only add to it. Restarts wait until it is over.
import * as z from 'zod/mini';

import type { Census } from '../../contract/messages.ts';
import { FLEET_GROUP } from './census.ts';

/** What counts as a storm in a group. */
export type StormRules = Readonly<{
  /** Share of a group's services that fail together, from 0 to 1. */
  share: number;
  /** Fewer than so many are no storm, whatever their share. */
  least: number;
  /** So long after it was last seen restarts are still held: services may come back by themselves. */
  cooldownMs: number;
}>;

const news = ['storm', 'storm_over'] as const;
/** What is told of a storm. */
export type News = (typeof news)[number];

const stormSchema = z.object({
  id: z.string(),
  group: z.string(),
  /** As they were when it was first seen. */
  services: z.int(),
  failing: z.int(),
  /** Of a storm of the fleet: all other groups that were counted, for what it holds is theirs. */
  within: z.optional(z.array(z.string())),
  openedAt: z.number(),
  lastSeenAt: z.number(),
  /** One invocation tells people of it until then; nobody else may. */
  claimedUntil: z.optional(z.number()),
  /** When people were told that it is there; until then that is owed. */
  toldAt: z.optional(z.number()),
  /** When restarts flowed again; from then on it is owed to tell that, and then it is forgotten. */
  endedAt: z.optional(z.number()),
  /** When people were told that, where it cannot be forgotten yet. */
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

/** The first of these groups in which so much fails that it is a storm. */
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

/** What people are still to be told of a storm. */
export const newsOwed = ({ toldAt, endedAt, overToldAt }: Storm): News | undefined => {
  if (toldAt === undefined) return 'storm';
  return endedAt === undefined || overToldAt !== undefined ? undefined : 'storm_over';
};

/** Whether somebody, or the event bus, is still to be told of it. */
export const isOwed = (storm: Storm): boolean =>
  newsOwed(storm) !== undefined || (storm.busOwed !== undefined && storm.busOwed.length > 0);

/** So much longer than all packs of a round need to see what they have in common. */
const WIDENS_SECONDS = 15;

/**
 * How long the news of a storm wait, s: that of a project or a tag may be the first sight of the fleet's, which is noted
 * when enough of the packs have counted, and then is told alone.
 */
export const newsAfterSeconds = (storm: Storm): number =>
  storm.group === FLEET_GROUP || newsOwed(storm) !== 'storm' ? 0 : WIDENS_SECONDS;

/** The storms with this one being told of until then. */
export const claimed = (known: Storms, id: string, claimedUntil: number): Storms => ({
  version: known.version + 1,
  storms: known.storms.map((storm) => (storm.id === id ? { ...storm, claimedUntil } : storm)),
});

/** So many that are over wait for the bus alone: all storms are one item, which must stay small enough to be written. */
const MOST_WAITING = 10;

/**
 * The storms after people were told (`news`; none when they knew already), and with what the event bus is still to be
 * told of this one. One of which both know that it is over is forgotten, and so is one behind ten others that wait for the
 * bus alone.
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
 * The storms after people could not be told and the event bus was: it is still owed `busOwed`, and `busHeard` does not
 * come to it again. Whoever told it keeps his claim.
 */
export const heard = (known: Storms, id: string, busHeard: News | undefined, busOwed: readonly News[]): Storms => ({
  version: known.version + 1,
  storms: known.storms.map((storm) => (storm.id === id ? { ...storm, busHeard, busOwed: [...busOwed] } : storm)),
});
