// The storm guard: while so much of the fleet, of a project or of a tag fails together, nothing of it is restarted
// automatically; people are told once that it began, once that it is over, and about each service that is still down
// then.
import type { State } from '../../../lambdas/core/model/state.ts';
import { HOUR_MS, MAX_SKEW_MS } from '../world/clocks.ts';
import type { World } from '../world/world.ts';
import type { Commit, Invariant } from './invariant.ts';
import { isAnew } from './known-dependencies.ts';

/** Longer than any invocation lives, any read lags behind, and any sighting stays unwritten, in ms. */
const KNOWN_AFTER_MS = 150_000;

/** People have known of it for so long, even by clocks that differ, that it is not part of what fails now. */
const isOldNews = ({ incident }: State, now: number): boolean =>
  incident?.toldAt !== undefined && !incident.untold && now - incident.toldAt > HOUR_MS - 2 * MAX_SKEW_MS;

/**
 * How many services of a group the deciding pack must know to fail, without those that wait for a person: those that it
 * has seen down itself at this very beat, and those not probed that were unhealthy when it read them, and still are.
 */
function knownToFail(group: string, { invocation: { memory }, now }: Commit, { table }: World): number {
  return memory.shardsRead.flat().filter(({ service: { tenant, id }, state: read }) => {
    const item = table.itemOf({ tenant, id });
    if (!item?.service.groups.names.includes(group) || read.incident?.handsOff || read.paused) return false;
    if (isOldNews(read, now)) return false;
    const seen = (memory.seenAtCensus ?? memory.seen).get(item.service)?.verdict ?? 'unknown';
    const isIll = read.health === 'unhealthy' && item.stored.state.incident?.id === read.incident?.id;
    return seen === 'down' || (seen === 'unknown' && isIll);
  }).length;
}

/**
 * The group of this service that is in a storm as far as the pack knows, and in which it ordered a restart all the
 * same.
 */
function orderedInto(commit: Commit, world: World): string | undefined {
  const { ordered, invocation, service } = commit;
  const { errand } = invocation.memory;
  const isPack = errand !== undefined && !errand.isAsked && errand.intentId === undefined;
  // An invocation that is cut off may not have counted everything that it saw.
  if (ordered?.trigger !== 'automatic' || !isPack || invocation.signal.aborted) return undefined;
  const { share, least } = world.stormRules;
  return service.groups.names.find((group) => {
    const failing = knownToFail(group, commit, world);
    return failing >= least && failing >= share * sizeOf(group, world);
  });
}

const sizeOf = (group: string, { services }: World): number =>
  services.filter(({ groups: { names } }) => names.includes(group)).length;

export const storms: Invariant = {
  name: 'no restart into a storm, told of once',
  onCommit(commit, check, world) {
    const { ordered, after, isCounted, verdict, isRunning, wasRunning, now, service, spec } = commit;
    if (ordered) {
      const group = orderedInto(commit, world);
      check(group === undefined, () => {
        const failing = knownToFail(group ?? '', commit, world);
        return `${ordered.id} was ordered while ${failing} of ${sizeOf(group ?? '', world)} of ${group} are down together`;
      });
    }
    // Other reasons to keep it from people are judged in folded.ts.
    const isAlone = after.paused === undefined && spec.dependsOn.every(({ essential }) => !essential);
    const isOfOthers = !isAlone || isAnew(commit, world);
    const isKept = after.health === 'unhealthy' && after.incident?.untold === true && !isOfOthers;
    // While a restart is under way verdicts decide nothing; the one with which it ends decides no more than that.
    if (!isKept || !isCounted || verdict !== 'down' || isRunning || wasRunning) return;
    const sinceMs = now - world.fleet.stormSeenAt(service.groups.names);
    check(
      sinceMs < world.stormRules.cooldownMs + KNOWN_AFTER_MS,
      () => `${after.incident?.id} is still kept from people, ${sinceMs} ms after the last storm was seen`,
    );
  },
  onSent({ watched, order, invocation, at }, check, { fleet, stormRules }) {
    const { names } = watched.service.groups;
    const known = watched.orderOf(order.restartId);
    if (!known?.isAutomatic || known.begunBy !== invocation) return;
    // A storm seen while an order is on its way may be too late for it: the storm may have been over when the guard was
    // asked.
    const isOver = ({ group, lastSeenAt, endedAt }: (typeof fleet.storms.storms)[number]) =>
      names.includes(group) &&
      endedAt === undefined &&
      lastSeenAt < invocation.startedAt - 2 * MAX_SKEW_MS &&
      at < lastSeenAt + stormRules.cooldownMs - 2 * MAX_SKEW_MS;
    const storm = fleet.storms.storms.find(isOver);
    check(storm === undefined, () => `${order.restartId} was sent into ${storm?.id}`);
  },
  onStormTold({ key, before, invocation, storms: { storms: noted } }, check) {
    check(
      noted.some(({ id }) => key.startsWith(`${id}:`)),
      () => `${key} was told of and is noted nowhere`,
    );
    for (const { end, id } of before)
      check(
        end === 'died' || end === 'failed' || id === invocation.id,
        () => `${key} was told twice, though #${id}, which told it before, is ${end}`,
      );
  },
  onEnd(_watched, check, { fleet }) {
    check(
      fleet.storms.storms.length === 0,
      () => `${fleet.storms.storms[0]?.id} is not over, or nobody knows that it is`,
    );
  },
};
