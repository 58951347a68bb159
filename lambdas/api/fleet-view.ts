// How the API shows the fleet's storms, the restarts under way in it, and alerts that wait.
import type { GroupPlace, Windows } from '../core/alerts/group.ts';
import type { Storm } from '../core/health/storm.ts';
import { runningRestart } from '../core/model/state.ts';
import type { Slots } from '../core/restart/restart-slots.ts';
import { isoTime } from '../core/values/iso-time.ts';
import type { Stored } from '../ports/service-store.ts';

/** One storm, with the counts that it began with. */
export const stormView = ({ id, group, services, failing, openedAt, lastSeenAt, toldAt, endedAt }: Storm) => ({
  ...{ id, group, services, failing },
  since: isoTime(openedAt),
  lastSeenAt: isoTime(lastSeenAt),
  toldAt: isoTime(toldAt),
  endedAt: isoTime(endedAt),
});

/** Restarts that were ordered and are not over, which of them have a slot, and how many may have one. */
export function restartsView(services: readonly Stored[], slots: Slots, most: number) {
  const underWay = services.flatMap(({ service: { tenant, id }, state }) => {
    const restart = runningRestart(state);
    if (!restart) return [];
    const hasSlot = slots.taken.some(({ restartId }) => restartId === restart.id);
    return [{ tenant, id, restartId: restart.id, phase: restart.phase, hasSlot, waitsFor: restart.waitsFor ?? null }];
  });
  return { slots: { most, taken: underWay.filter(({ hasSlot }) => hasSlot).length }, underWay };
}

/** The alerts collected at the moment, by project, and how many alerts were sent in how many messages so far. */
export function groupingView(places: readonly Readonly<{ place: GroupPlace; windows: Windows }>[]) {
  const waiting = places.flatMap(({ place: { tenant, project }, windows }) =>
    (['group', 'quiet'] as const).flatMap((why) => {
      const { since, until, held = {} } = windows[why] ?? {};
      const alerts = Object.keys(held).length;
      return alerts === 0 ? [] : [{ tenant, project, why, since: isoTime(since), until: isoTime(until), alerts }];
    }),
  );
  const sum = (key: 'groups' | 'alerts') => places.reduce((total, { windows }) => total + windows[key], 0);
  return { messages: sum('groups'), alerts: sum('alerts'), waiting };
}
