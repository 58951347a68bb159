// Of what people and the event bus are told each half comes again by itself, and what the bus never takes fills no item.
import { describe, expect, it } from 'vitest';

import { advance } from '../../../lambdas/core/health/advance.ts';
import type { Intent } from '../../../lambdas/core/model/intents.ts';
import { makeService } from '../../make/service.ts';
import { makeState, T0 } from '../../make/state.ts';

const HOUR_MS = 3_600_000;
const record = (id: string, change: Partial<Intent> = {}): Intent =>
  ({
    ...{ id, at: T0, handedAt: T0, kind: 'record' },
    record: { kind: 'unhealthy', level: 'error', message: 'it is down', action: 'none' },
    ...change,
  }) as Intent;
const note = (intents: Intent[], half: 'told' | 'on_bus', intentIds: string[], now = T0) => {
  const before = makeState({ intents });
  const { state } = advance(makeService(), before, { kind: 'half_done', half, intentIds }, now);
  return { before, state, halves: state.intents.map(({ id, half: one }) => [id, one]) };
};

describe('an intent of which one half is done', () => {
  it.each(['told', 'on_bus'] as const)('bears which: %s', (half) => {
    const { halves } = note([record('i1'), record('i2')], half, ['i2', 'i9']);
    expect(halves).toEqual([
      ['i1', undefined],
      ['i2', half],
    ]);
  });

  it.each(['told', 'on_bus'] as const)('is not written again when that was known: %s', (half) => {
    const { before, state } = note([record('i1', { half })], half, ['i1']);
    expect(state).toBe(before);
  });

  it('waits for the bus a day, and is given up then', () => {
    const waiting = [record('i1', { half: 'told' }), record('i2')];
    expect(note(waiting, 'told', ['i1'], T0 + 24 * HOUR_MS - 1).halves).toHaveLength(2);
    expect(note(waiting, 'told', ['i1'], T0 + 24 * HOUR_MS).halves).toEqual([['i2', undefined]]);
  });

  it('waits for people as long as it takes', () => {
    expect(note([record('i1')], 'on_bus', ['i1'], T0 + 1_000 * HOUR_MS).halves).toEqual([['i1', 'on_bus']]);
  });

  it('is given up behind thirty that wait already, so that the item has an end', () => {
    const waiting = Array.from({ length: 29 }, (_, index) => record(`w${index}`, { half: 'told' }));
    const { halves } = note([...waiting, record('i1'), record('i2'), record('i3')], 'told', ['i1', 'i2']);
    expect(halves.slice(29)).toEqual([
      ['i1', 'told'],
      ['i3', undefined],
    ]);
  });
});
