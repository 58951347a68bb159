// There are never more restarts under way in the fleet than allowed, except those that people force; each has its slot
// as long as it is under way; and a restart waits only because of others that are under way, never because of those
// that are over.
import type { Restart } from '../../../lambdas/core/model/state.ts';
import type { Slot } from '../../../lambdas/core/restart/restart-slots.ts';
import { MAX_SKEW_MS } from '../world/clocks.ts';
import type { World } from '../world/world.ts';
import { begins, isBegun } from './dependencies.ts';
import { type Commit, type Invariant, running } from './invariant.ts';
import type { Order } from './watched.ts';

/** Longer than a decision takes to be written to the table, in ms. */
const WRITTEN_AFTER_MS = 90_000;
/** What is left of the three hours of a slot when the longest act is over. */
const SLOT_LEFT_MS = 2 * 3_600_000;

/** A slot is free after its time, whatever happened to its restart: for example if there were no rounds for hours. */
const hasSlot = ({ touchedAt }: Pick<Restart, 'touchedAt'>, now: number): boolean => now - touchedAt < SLOT_LEFT_MS;

/** Orders whose slot may have been given away because there was nobody to touch it. */
const lapsed = new WeakSet<Order>();

/** Whether it may be without a slot: its time was over, and it gets one again as soon as its next act is begun. */
function isWithout({ isRunning, wasRunning, watched, now }: Commit): boolean {
  if (!isRunning) return true;
  const order = watched.orderOf(isRunning.id);
  const isLate = !hasSlot(wasRunning ?? isRunning, now);
  if (!order) return isLate;
  if (isLate) lapsed.add(order);
  if (isRunning.begunAt !== undefined && isRunning.begunAt !== wasRunning?.begunAt) lapsed.delete(order);
  return isLate || lapsed.has(order);
}

/** Restarts past their order that nobody forced. */
const underWay = ({ table, engine }: World): readonly string[] =>
  [...table.items.values()].flatMap(({ stored: { state } }) => {
    const restart = running(state);
    return restart && isBegun(state) && !restart.force && hasSlot(restart, engine.now) ? [restart.id] : [];
  });

/** Whether an invocation that looked at this slot must have found that its restart is over. */
function isOver({ restartId, tenant, id }: Slot, { invocation }: Commit, { table }: World): boolean {
  const item = table.itemOf({ tenant, id });
  if (!item || invocation.memory.unread.has(`${tenant}#${id}`)) return false;
  const { restart } = item.stored.state;
  if (running(item.stored.state)?.id === restartId) return false;
  return (restart?.endedAt ?? Infinity) < invocation.startedAt - WRITTEN_AFTER_MS;
}

export const slots: Invariant = {
  name: 'no more restarts at once than may be, and no slot is lost',
  onCommit(commit, check, world) {
    const { isRunning, wasRunning, after, now, invocation } = commit;
    if (!isRunning) return;
    const { most, slots: standing } = world.slots;
    if (begins(commit) && !isRunning.force) {
      const all = underWay(world);
      check(all.length <= most, () => `${all.length} restarts are under way at once: ${all.join(' ')}`);
    }
    if (!isWithout(commit) && isBegun(after))
      check(
        standing.taken.some(({ restartId, until }) => restartId === isRunning.id && until > now - MAX_SKEW_MS),
        () => `${isRunning.id} is under way without a slot`,
      );
    const waits = isRunning.waitsFor !== undefined && isRunning.nextPollAt !== wasRunning?.nextPollAt;
    if (!waits) return;
    const reads = invocation.memory.slots.map(({ taken }) =>
      taken.filter(({ restartId }) => restartId !== isRunning.id),
    );
    check(
      reads.some((taken) => taken.length >= most),
      () => `${isRunning.id} waits, and never more than ${reads[0]?.length} of ${most} slots were taken`,
    );
    // If the last read found free slots, others have freed them since the read before.
    const last = reads.at(-1) ?? [];
    const held = last.filter((slot) => !isOver(slot, commit, world));
    check(
      last.length < most || held.length >= most,
      () => `${isRunning.id} waits, and only ${held.length} of ${most} slots are in use`,
    );
  },
  onEnd({ service }, check, { table, slots: { slots: standing } }) {
    const { taken } = standing;
    const state = table.itemOf(service.key)?.stored.state;
    const mine = taken.filter(({ tenant, id }) => id === service.key.id && tenant === service.key.tenant);
    const isFree = ({ restartId }: Slot) => state === undefined || running(state)?.id !== restartId;
    check(mine.every(isFree), () => `${mine.length} slots are still taken`);
  },
};
