// So many restarts at once, and no more.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  noSlots,
  type Slot,
  type Slots,
  slotsSchema,
  withoutSlots,
  withSlot,
} from '../../../lambdas/core/restart/restart-slots.ts';
import { T0 } from '../../make/state.ts';

const slot = (restartId: string, until = T0 + 1_000): Slot => ({ restartId, tenant: 'default', id: 'billing', until });
const taken = (...slots: Slot[]): Slots => ({ version: 4, taken: slots });

describe('the slots of restarts', () => {
  it('are taken one after the other, as many as there are', () => {
    const one = withSlot(noSlots, slot('a'), 2, T0)!;
    const two = withSlot(one, slot('b'), 2, T0)!;
    expect(two).toEqual({ version: 2, taken: [slot('a'), slot('b')] });
    expect(withSlot(two, slot('c'), 2, T0)).toBeUndefined();
    expect(slotsSchema.parse(two)).toEqual(two);
  });

  it('are taken past that by whoever waits for nobody', () => {
    expect(withSlot(taken(slot('a')), slot('b'), Infinity, T0)?.taken).toHaveLength(2);
  });

  it('are kept by the restart that has one, for longer', () => {
    const after = withSlot(taken(slot('a'), slot('b')), slot('a', T0 + 9_000), 2, T0);
    expect(after?.taken).toEqual([slot('b'), slot('a', T0 + 9_000)]);
  });

  it('are free when their time is over', () => {
    const full = taken(slot('a', T0), slot('b', T0 + 1));
    expect(withSlot(full, slot('c'), 2, T0)?.taken).toEqual([slot('b', T0 + 1), slot('c')]);
  });

  it('are given back', () => {
    const full = taken(slot('a'), slot('b'));
    expect(withoutSlots(full, ['a', 'x'])).toEqual({ version: 5, taken: [slot('b')] });
    expect(withoutSlots(full, ['x'])).toBe(full);
  });

  it('are never more than there are, whoever asks in whatever order', () => {
    const asked = fc.array(
      fc.record({ id: fc.constantFrom('a', 'b', 'c', 'd'), passes: fc.nat(900), gives: fc.boolean() }),
    );
    fc.assert(
      fc.property(asked, fc.integer({ min: 1, max: 3 }), (story, most) => {
        let now = T0;
        let slots = noSlots;
        for (const { id, passes, gives } of story) {
          now += passes;
          slots = gives ? withoutSlots(slots, [id]) : (withSlot(slots, slot(id, now + 1_000), most, now) ?? slots);
          expect(slots.taken.filter(({ until }) => until > now).length).toBeLessThanOrEqual(most);
        }
      }),
    );
  });
});
