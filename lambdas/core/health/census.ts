// The census: how many services there are and how many of them fail, in the fleet, in each project and under each tag.
import type { Census } from '../../contract/messages.ts';
import type { Service } from '../model/service.ts';
import { type Incident, isPaused, type State } from '../model/state.ts';
import { hash48 } from '../values/hash.ts';
import { remembered } from '../values/remembered.ts';

export const FLEET_GROUP = 'fleet';
/** A shard's item counts no more groups than this, so that an unlimited number of tags cannot make it grow. */
const MOST_GROUPS = 60;

type Grouped = Pick<Service, 'project' | 'tags'>;
export type Counted = Readonly<{ service: Grouped; isFailing: boolean }>;

/** The groups that a service is counted in, the widest first. */
export const groupsOf = remembered(({ project, tags }: Grouped): readonly string[] => [
  FLEET_GROUP,
  ...(project === undefined ? [] : [`project ${project}`]),
  ...Object.entries(tags).map(([name, value]) => `tag ${name}=${value}`),
]);

/** An incident that people have known about for this long (ms) is not part of what fails together now. */
const OLD_NEWS_MS = 3_600_000;
const isOldNews = ({ toldAt = Infinity, untold }: Incident, now: number): boolean =>
  untold !== true && now - toldAt > OLD_NEWS_MS;

/**
 * Whether a service counts among those that fail. It does not if it is paused, if it waits for a person, or if people
 * have known about it for an hour: otherwise a few services that nobody repairs would hold all others for ever. A
 * service that only a storm's alert has reported goes on counting as long as the storm lasts.
 */
export function isFailing(state: State, now: number, isDown = state.last?.verdict === 'down'): boolean {
  const { incident, health } = state;
  if (health !== 'unhealthy' && !isDown) return false;
  return !isPaused(state, now) && (!incident || (incident.handsOff === undefined && !isOldNews(incident, now)));
}

type Groups = Map<string, { services: number; failing: number }>;

function add(groups: Groups, group: string, services: number, failing: number): void {
  const count = groups.get(group);
  if (!count) groups.set(group, { services, failing });
  else {
    count.services += services;
    count.failing += failing;
  }
}

function groupsAmong(counted: readonly Counted[]): Groups {
  const groups: Groups = new Map();
  for (const { service, isFailing } of counted)
    for (const group of groupsOf(service)) add(groups, group, 1, isFailing ? 1 : 0);
  return groups;
}

/** Counts services, the largest groups first. */
export function takeCensus(counted: readonly Counted[]): Census {
  const largest = [...groupsAmong(counted)].sort(([a, x], [b, y]) => y.services - x.services || (a < b ? -1 : 1));
  return Object.fromEntries(largest.slice(0, MOST_GROUPS));
}

/**
 * A short mark by which two censuses can be compared without taking them: a prober does so for every shard at every
 * beat, and mostly they are the same. It adds up the hashes of all groups that each service is in, so that their order
 * does not matter; a failing service adds other hashes. Two different censuses have the same mark once in 2^48.
 */
export function censusMark(services: readonly Counted[]): string {
  let sum = 0;
  for (const { service, isFailing } of services) {
    const { calm, failing } = marksOf(service);
    sum += isFailing ? failing : calm;
    if (sum >= MARKS) sum -= MARKS;
  }
  return sum.toString(36);
}

const MARKS = 2 ** 48;
const sumOf = (marks: readonly number[]): number => marks.reduce((sum, mark) => (sum + mark) % MARKS, 0);

/** What a service adds to the mark of a census. */
const marksOf = remembered((service: Grouped) => {
  const groups = groupsOf(service);
  const calm = sumOf(groups.map(hash48));
  return { calm, failing: sumOf([calm, ...groups.map((group) => hash48(`${group} fails`))]) };
});

/** The sum of censuses taken elsewhere and of a census of `own` services. */
export function addCensus(all: readonly Census[], own: readonly Counted[] = []): Census {
  const sum = groupsAmong(own);
  for (const census of all)
    for (const [group, { services, failing }] of Object.entries(census)) add(sum, group, services, failing);
  return Object.fromEntries(sum);
}
