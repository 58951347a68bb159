// The storm guard: while so much fails together nothing is restarted by itself, people are told once of it, once that it
// is over, and of each service that is still down afterwards.
import { MAX_SKEW_MS } from '../world/clocks.ts';
import type { World } from '../world/world.ts';
import type { Commit, Invariant } from './invariant.ts';

/** Longer than any invocation lives, any read lags behind, and any sighting goes unwritten, in ms. */
const KNOWN_AFTER_MS = 150_000;

/** How many are unhealthy by the table, for so long that whoever looks must know; unlike what waits for a person. */
function failing({ table, engine }: World): number {
  const isOld = (writtenAt: number) => writtenAt < engine.now - KNOWN_AFTER_MS;
  return [...table.items.values()].filter(
    ({ stored: { state }, writtenAt }) =>
      isOld(state.healthSince) && isOld(writtenAt) && state.health === 'unhealthy' && !state.incident?.handsOff,
  ).length;
}

/** By the truth of the table; a pack that reads all of it must know. */
function notOrderedInto({ ordered, invocation }: Commit, world: World): boolean {
  const { errand } = invocation.memory;
  const isPack = errand !== undefined && !errand.isAsked && errand.intentId === undefined;
  const isWhole = world.shards === 1 && [...world.table.items.values()].every(({ isPoisoned }) => !isPoisoned);
  if (ordered?.trigger !== 'automatic' || !isPack || !isWhole) return true;
  const { share, least } = world.stormRules;
  const count = failing(world);
  return count < least || count < share * world.table.items.size;
}

export const storms: Invariant = {
  name: 'no restart into a storm, told of once',
  onCommit(commit, check, world) {
    const { ordered, after, isCounted, verdict, isRunning, now } = commit;
    if (ordered)
      check(
        notOrderedInto(commit, world),
        () => `${ordered.id} was ordered while ${failing(world)} of ${world.table.items.size} are down together`,
      );
    // The critical alert of a used-up budget says it all.
    const isKept = after.incident?.untold === true && after.incident.handsOff !== 'limit';
    if (!isKept || !isCounted || verdict !== 'down' || isRunning) return;
    const sinceMs = now - world.fleet.stormSeenAt;
    check(
      sinceMs < world.stormRules.cooldownMs + KNOWN_AFTER_MS,
      () => `${after.incident?.id} is still kept from people, ${sinceMs} ms after the last storm was seen`,
    );
  },
  onSent({ watched, order, invocation, at }, check, { fleet, stormRules }) {
    const known = watched.orderOf(order.restartId);
    if (!known?.isAutomatic || known.begunBy !== invocation) return;
    // What is noted while an order is on its way may be too late for it.
    const isOver = ({ group, openedAt, lastSeenAt, endedAt }: (typeof fleet.storms.storms)[number]) =>
      group === 'fleet' &&
      endedAt === undefined &&
      openedAt < invocation.startedAt - 2 * MAX_SKEW_MS &&
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
