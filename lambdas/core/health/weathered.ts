// Which storms there are after a look at the fleet: seen again, over, or new. A storm of the whole fleet stands for all
// others while it lasts, so that people are told of only one.
import type { Census } from '../../contract/messages.ts';
import { FLEET_GROUP } from './census.ts';
import { type Sighting, type Storm, stormIn, type StormRules, type Storms } from './storm.ts';

/** The most groups that one storm names, from all shards. */
const MOST_WITHIN = 100;

/**
 * How old a sighting may be before it is written again: less than a cooldown, or a storm would seem over while it
 * lasts.
 */
const SEEN_EVERY_MS = 15_000;
const seenEveryMs = ({ cooldownMs }: StormRules): number => Math.min(SEEN_EVERY_MS, cooldownMs / 4);

/** A storm that nobody has begun to tell people about is covered by the fleet's, once there is one. */
const isSwallowed = ({ group, toldAt, endedAt, claimedUntil }: Storm): boolean =>
  group !== FLEET_GROUP && (toldAt ?? claimedUntil ?? endedAt) === undefined;

/**
 * The storms after a look at the fleet: those that are still there are seen again, those that were not seen for the
 * whole cooldown are over, and other `sightings` are new. A storm of the fleet stands for all others while it lasts.
 * The same object when nothing has to be written.
 */
export function weathered(
  known: Storms,
  { sightings, census, isGuarding }: { sightings: readonly Sighting[]; census: Census; isGuarding: boolean },
  now: number,
  rules: StormRules,
): Storms {
  const groups = new Set(sightings.map(({ group }) => group));
  const isOfFleet = ({ group, endedAt }: Storm) => group === FLEET_GROUP && endedAt === undefined;
  const seenAgain = known.storms.map((storm): Storm => {
    if (storm.endedAt !== undefined) return storm;
    if (!isGuarding) return { ...storm, endedAt: now };
    const isThere = groups.has(storm.group) || stormIn(census, [storm.group], rules) !== undefined;
    const since = now - storm.lastSeenAt;
    if (isThere) return since < seenEveryMs(rules) ? storm : { ...storm, lastSeenAt: now };
    return since < rules.cooldownMs ? storm : { ...storm, endedAt: now };
  });
  const hasFleet = seenAgain.some(isOfFleet);
  const isOpen = (group: string) =>
    hasFleet || seenAgain.some((storm) => storm.group === group && storm.endedAt === undefined);
  const fresh = sightings.filter(
    ({ group }, index) =>
      isGuarding && !isOpen(group) && sightings.findIndex((other) => other.group === group) === index,
  );
  const opened = fresh.map((sighting, index): Storm => ({
    id: `storm-${now.toString(36)}-${known.version}-${index}`,
    ...sighting,
    ...withinOf(sighting, census),
    openedAt: now,
    lastSeenAt: now,
  }));
  const after = hasFleet || opened.some(isOfFleet) ? seenAgain.filter((storm) => !isSwallowed(storm)) : seenAgain;
  const isSame =
    opened.length === 0 &&
    after.length === known.storms.length &&
    after.every((storm, index) => storm === known.storms[index]);
  return isSame ? known : { version: known.version + 1, storms: [...after, ...opened] };
}

/**
 * Projects first, because filters mostly use them; then the largest groups, so that tags unique to one host come last.
 */
function withinOf({ group }: Sighting, census: Census): Pick<Storm, 'within'> {
  const isProject = (name: string) => Number(name.startsWith('project '));
  const others = Object.entries(census)
    .filter(([name]) => name !== FLEET_GROUP)
    .sort(([a, x], [b, y]) => isProject(b) - isProject(a) || y.services - x.services)
    .map(([name]) => name);
  return group === FLEET_GROUP && others.length > 0 ? { within: others.slice(0, MOST_WITHIN) } : {};
}
