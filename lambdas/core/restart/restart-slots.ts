// How many restarts there may be at once in the whole fleet: each takes a slot before its first act, and keeps it until
// it is over. Nobody gives a slot back: a function that looks for a free one finds those whose restart is over.
import * as z from 'zod/mini';

const slotSchema = z.object({
  restartId: z.string(),
  tenant: z.string(),
  id: z.string(),
  /** Free after this time (epoch ms), whatever became of its restart. */
  until: z.number(),
});
export type Slot = Readonly<z.infer<typeof slotSchema>>;

export const slotsSchema = z.object({ version: z.int(), taken: z.array(slotSchema) });
export type Slots = Readonly<{ version: number; taken: readonly Slot[] }>;
export const noSlots: Slots = { version: 0, taken: [] };

/** Longer than one act and its verification can take; taken anew with every act. */
export const SLOT_MS = 3 * 3_600_000;

/** With this slot taken, or taken for longer; `undefined` when `most` others are taken. */
export function withSlot({ version, taken }: Slots, slot: Slot, most: number, now: number): Slots | undefined {
  const others = taken.filter(({ restartId, until }) => restartId !== slot.restartId && until > now);
  const isMine = taken.some(({ restartId }) => restartId === slot.restartId);
  return isMine || others.length < most ? { version: version + 1, taken: [...others, slot] } : undefined;
}

/** Without these; the same object when none of them was taken. */
export function withoutSlots(slots: Slots, restartIds: readonly string[]): Slots {
  const taken = slots.taken.filter(({ restartId }) => !restartIds.includes(restartId));
  return taken.length === slots.taken.length ? slots : { version: slots.version + 1, taken };
}
