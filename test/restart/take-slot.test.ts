// Never more restarts at once than were set, and none that waits for ever behind one that is long over.
import { beforeEach, describe, expect, it } from 'vitest';

import type { Restart } from '../../lambdas/core/model/state.ts';
import { freshState } from '../../lambdas/core/model/state.ts';
import { takeSlot } from '../../lambdas/restart/take-slot.ts';
import { fakeClock, START } from '../fakes/fake-clock.ts';
import { fakeStores, type Stores } from '../fakes/fake-stores.ts';
import { registration } from '../fakes/registrations.ts';
import { makeRestart } from '../make/state.ts';

const { signal } = new AbortController();
let stores: Stores;
beforeEach(() => void (stores = fakeStores(1)));

const keyOf = (id: string) => ({ tenant: 'default', id });
const isGiven = (id: string, more: Partial<Restart> = {}, services: Stores['services'] = stores.services) => {
  const ports = { services, fleet: stores.fleet, maxRestarts: 2, clock: fakeClock() };
  return takeSlot(keyOf(id), makeRestart({ id: `r-${id}`, ...more }), ports, signal);
};
const isAt = async (id: string, more: Partial<Restart> = {}) => {
  const state = { ...freshState(START), restart: makeRestart({ id: `r-${id}`, ...more }) };
  const document = registration({ id });
  await stores.services.remove(document, signal);
  await stores.services.register(document, state, START, signal);
};
const taken = async () => (await stores.fleet.slots(signal)).taken.map(({ restartId }) => restartId);

describe('a slot', () => {
  it('is given to as many as were set; the next one waits', async () => {
    for (const id of ['a', 'b', 'c']) await isAt(id);
    expect([await isGiven('a'), await isGiven('b'), await isGiven('c')]).toEqual([true, true, false]);
    expect(await taken()).toEqual(['r-a', 'r-b']);
  });

  it.each([
    ['is over', { phase: 'completed' }],
    ['has failed', { phase: 'failed' }],
    ['gave way to another', { id: 'r-next' }],
  ] as const)('is free again when its restart %s', async (_, more) => {
    for (const id of ['a', 'b', 'c']) await isAt(id);
    for (const id of ['a', 'b']) await isGiven(id);
    await isAt('b', more);
    expect(await isGiven('c')).toBe(true);
    expect(await taken()).toEqual(['r-a', 'r-c']);
  });

  it('is free again when its service is gone', async () => {
    await isAt('a');
    for (const id of ['a', 'b']) await isGiven(id);
    expect(await isGiven('c')).toBe(true);
  });

  it('is kept while it is not known what has become of its restart', async () => {
    for (const id of ['a', 'b']) await isGiven(id);
    const poisoned = { ...stores.services, read: () => Promise.reject(new Error('cannot be decoded')) };
    expect(await isGiven('c', {}, poisoned)).toBe(false);
  });

  it('is not waited for by what was forced, nor by what was begun', async () => {
    for (const id of ['a', 'b', 'c']) await isAt(id);
    for (const id of ['a', 'b']) await isGiven(id);
    expect(await isGiven('c')).toBe(false);
    expect(await isGiven('c', { force: true })).toBe(true);
    expect(await isGiven('d', { phase: 'restarting', begunAt: START })).toBe(true);
    expect(await isGiven('a')).toBe(true);
  });
});
