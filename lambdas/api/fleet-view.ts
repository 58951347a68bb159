// What people are shown of the fleet's storms, and of the restarts that are under way in it.
import type { Storm } from '../core/health/storm.ts';
import { runningRestart } from '../core/model/state.ts';
import type { Slots } from '../core/restart/restart-slots.ts';
import { isoTime } from '../core/values/iso-time.ts';
import type { Stored } from '../ports.ts';

/** One storm, with the counts that it began with. */
export const stormView = ({ id, group, services, failing, openedAt, lastSeenAt, toldAt, endedAt }: Storm) => ({
  ...{ id, group, services, failing },
  since: isoTime(openedAt),
  lastSeenAt: isoTime(lastSeenAt),
  toldAt: isoTime(toldAt),
  endedAt: isoTime(endedAt),
});

/** Those that have been ordered and are not over, who of them has a slot, and how many may have one. */
export function restartsView(services: readonly Stored[], slots: Slots, most: number) {
  const underWay = services.flatMap(({ service: { tenant, id }, state }) => {
    const restart = runningRestart(state);
    if (!restart) return [];
    const hasSlot = slots.taken.some(({ restartId }) => restartId === restart.id);
    return [{ tenant, id, restartId: restart.id, phase: restart.phase, hasSlot, waitsFor: restart.waitsFor ?? null }];
  });
  return { slots: { most, taken: underWay.filter(({ hasSlot }) => hasSlot).length }, underWay };
}
