// Never too many restarts at once: before its first act a restart takes one of the fleet's slots. Slots are not given
// back, so that cannot be forgotten: an invocation that finds none free checks which restarts are over.
import { type Restart, runningRestart } from '../core/model/state.ts';
import { type Slot, SLOT_MS } from '../core/restart/restart-slots.ts';
import { isFresh } from '../core/restart/restart-wanted.ts';
import type { FleetStore } from '../ports/fleet-store.ts';
import type { Clock } from '../ports/process.ts';
import type { ServiceKey, ServiceStore } from '../ports/service-store.ts';

export type SlotPorts = Readonly<{
  services: Pick<ServiceStore, 'read'>;
  fleet: Pick<FleetStore, 'slots' | 'takeSlot' | 'freeSlots'>;
  /** Restarts under way in the fleet at once. */
  maxRestarts: number;
  clock: Clock;
}>;

/** `false`: it must wait. A restart that was begun goes on, and one that a person forces does not wait. */
export async function takeSlot(
  { tenant, id }: ServiceKey,
  restart: Restart,
  ports: SlotPorts,
  signal: AbortSignal,
): Promise<boolean> {
  const { fleet, maxRestarts } = ports;
  const now = ports.clock.now();
  const slot: Slot = { restartId: restart.id, tenant, id, until: now + SLOT_MS };
  const most = restart.force || !isFresh(restart) ? Infinity : maxRestarts;
  if (await fleet.takeSlot(slot, most, now, signal)) return true;
  const { taken } = await fleet.slots(signal);
  const underWay = await Promise.all(taken.map((one) => isUnderWay(one, ports, signal)));
  const over = taken.filter((_, index) => !underWay[index]).map(({ restartId }) => restartId);
  if (over.length === 0) return false;
  await fleet.freeSlots(over, signal);
  return await fleet.takeSlot(slot, most, now, signal);
}

/**
 * A restart that cannot be read keeps its slot until the slot expires: one poisoned item must not stop all restarts.
 */
async function isUnderWay({ restartId, ...key }: Slot, { services }: SlotPorts, signal: AbortSignal): Promise<boolean> {
  try {
    const stored = await services.read(key, signal);
    return stored !== undefined && runningRestart(stored.state)?.id === restartId;
  } catch {
    return true;
  }
}
