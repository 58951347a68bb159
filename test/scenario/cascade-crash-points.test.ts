// A restart with all that depends on it, with an invocation killed at any side effect, and with every message doubled.
import { describe, expect, it } from 'vitest';

import { cascade } from './cascade-world.ts';

type End = Awaited<ReturnType<typeof cascade>>;

/** Each was restarted once, none before what it stands on was verified, and nothing is left to do. */
async function expectInOrder(end: End): Promise<void> {
  const sentAt = new Map(end.orders.map(({ id, at }) => [id, at]));
  expect(end.orders.map(({ id }) => id).sort()).toEqual(['billing', 'db', 'invoices', 'shop']);
  for (const [id, needs] of [
    ['billing', ['db']],
    ['invoices', ['db']],
    ['shop', ['billing', 'invoices']],
  ] as const)
    for (const needed of needs) expect(sentAt.get(id)).toBeGreaterThanOrEqual((await end.verifiedAt(needed))[0]!);
  for (const [id, state] of end.states) {
    expect(state.restart, id).toMatchObject({ phase: 'completed' });
    expect({ id, intents: state.intents, cascade: state.cascade }).toEqual({ id, intents: [], cascade: undefined });
  }
  expect(end.timeline).toEqual([
    { kind: 'cascade_begun', message: 'what depends on it is restarted: billing and invoices, then shop' },
    { kind: 'cascade_completed', message: 'what depends on it was restarted, and verified' },
  ]);
}

describe('a restart with all that depends on it', () => {
  it('goes level by level, each restart once and verified before the next', async () => {
    await expectInOrder(await cascade());
  });

  it('does so when every message comes twice at once', async () => {
    await expectInOrder(await cascade({ isDoubled: true }));
  });

  it('stops when one fails: what stands on it is not touched', async () => {
    const end = await cascade({ failing: 'invoices', minutes: 6 });
    expect(end.orders.map(({ id }) => id).sort()).toEqual(['billing', 'db', 'invoices']);
    expect(end.timeline.at(-1)).toEqual({
      kind: 'cascade_stopped',
      message: 'the restart of what depends on it is stopped: invoices failed: it does not start; not restarted: shop',
    });
    expect(end.states.get('db')?.cascade).toBeUndefined();
    expect(end.alerts.map(({ kind }) => kind)).toContain('restart_failed');
  });

  it.each([
    ['is to be planned', 0, ['db'], 'the item of shop cannot be decoded'],
    ['would be its turn', 24, ['billing', 'db', 'invoices'], 'shop failed: its item cannot be decoded'],
  ])('stops when an item cannot be decoded as it %s', async (_, from, ordered, why) => {
    const end = await cascade({ faulty: { id: 'shop', from }, minutes: 6 });
    expect(end.orders.map(({ id }) => id).sort()).toEqual(ordered);
    const message = `the restart of what depends on it is stopped: ${why}`;
    expect(end.timeline.at(-1)).toEqual({ kind: 'cascade_stopped', message });
    expect(end.states.get('db')?.cascade).toBeUndefined();
  });

  it(
    'ends as it would have without, when an invocation is killed at any side effect',
    { timeout: 120_000 },
    async () => {
      const whole = await cascade();
      expect(whole.effects.length).toBeGreaterThan(60);
      for (let at = 0; at < whole.effects.length; at += 1)
        for (const when of ['before', 'after'] as const) {
          const end = await cascade({ death: { at, when }, minutes: 13 });
          expect(end.lastWords).toBeDefined();
          try {
            await expectInOrder(end);
          } catch (cause) {
            throw new Error(`killed ${when} effect ${at}, ${whole.effects[at]}`, { cause });
          }
        }
    },
  );
});
