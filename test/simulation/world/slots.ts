// The fleet's slots for restarts, as the table keeps them: read, changed, and written on condition of the version, with
// time in between in which others write.
import { noSlots, type Slots, withoutSlots, withSlot } from '../../../lambdas/core/restart/restart-slots.ts';
import type { FleetStore } from '../../../lambdas/ports/fleet-store.ts';
import type { Random } from '../engine/random.ts';
import { CALM } from './chaos.ts';
import type { Invocation } from './invocation.ts';
import type { World } from './world.ts';

/** The adapter's own number. */
const ATTEMPTS = 10;
const LONGEST_WAY_MS = 400;

export class SlotTable {
  slots: Slots = noSlots;
  /** How many restarts may be under way at once. */
  readonly most: number;
  readonly #random: Random;
  readonly #world: World;

  constructor(world: World, random: Random) {
    this.#world = world;
    this.#random = random;
    this.most = random.pick([1, 1, 2, 2, 3, 5, 20]);
  }

  seenBy(invocation: Invocation): Pick<FleetStore, 'slots' | 'takeSlot' | 'freeSlots'> {
    const read = (signal: AbortSignal) =>
      invocation.call(signal, false, () => {
        invocation.memory.slots.push(this.slots);
        return this.slots;
      });
    /** Whether the change was possible; one that changes nothing counts as possible. */
    const change = async (by: (slots: Slots) => Slots | undefined, signal: AbortSignal): Promise<boolean> => {
      for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
        const known = await read(signal);
        const next = by(known);
        if (next === undefined) return false;
        if (next === known) return true;
        await this.#onItsWay(invocation);
        if (await invocation.call(signal, true, () => this.#write(next))) return true;
      }
      throw new Error('the slots changed again and again');
    };
    return {
      slots: read,
      takeSlot: (slot, most, now, signal) => change((slots) => withSlot(slots, slot, most, now), signal),
      freeSlots: async (restartIds, signal) => void (await change((slots) => withoutSlots(slots, restartIds), signal)),
    };
  }

  #write(next: Slots): boolean {
    if (next.version !== this.slots.version + 1) {
      this.#world.stats.injected('slots written by others meanwhile');
      return false;
    }
    this.slots = next;
    return true;
  }

  /** In calm weather there is no delay. */
  async #onItsWay(invocation: Invocation): Promise<void> {
    if (this.#world.chaos.weather !== CALM && this.#random.chance(0.5))
      await invocation.pause(Math.ceil(LONGEST_WAY_MS * this.#random.next()));
  }
}
