// An outage with its invocations killed, once per run: at every side effect, just before it and just after it. Messages
// come again, rounds go on, and the end must be the same each time.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type Engine, startEngine } from '../engine/engine.ts';
import { openStores } from '../engine/open-stores.ts';
import { fakeStores, type Stores } from '../fakes/fake-stores.ts';
import { ecsStep, ssmStep } from '../fakes/registrations.ts';
import { diedInTheWindow, type Expected, expectEnding, oneRestart, twoRestarts } from './endings.ts';
import type { Death } from './invocation.ts';
import { play, SHARDS } from './world.ts';

type Tale = Readonly<{ steps: readonly object[]; failingRestarts?: number; expected: Expected }>;
const tales: Readonly<Record<string, Tale>> = {
  'a restart by ECS': { steps: [ecsStep], expected: oneRestart },
  'a restart by SSM': { steps: [ssmStep], expected: oneRestart },
  'a restart by ECS that fails, and one by SSM that works': {
    ...{ steps: [ecsStep, ssmStep], failingRestarts: 1, expected: twoRestarts },
  },
  'a restart by SSM that fails, and another that works': {
    ...{ steps: [ssmStep], failingRestarts: 1, expected: twoRestarts },
  },
};

/** Tells the tale with one death; says which effect it was, and whether an alert went out twice. */
async function tell(tale: Tale, stores: Stores, death: Death): Promise<{ isInWindow: boolean; isDouble: boolean }> {
  const end = await play({ ...tale, stores, death });
  expect(end.lastWords, 'the invocation was killed').toBeDefined();
  expectEnding(end, tale.expected);
  return { isInWindow: diedInTheWindow(end), isDouble: end.published.length > tale.expected.alerts.length };
}

const deathsOf = (effects: number, every: number): Death[] =>
  Array.from({ length: effects }, (_, at) => [{ at, when: 'before' } as const, { at, when: 'after' } as const])
    .flat()
    .filter((_, index) => index % every === 0);

describe('an outage with an invocation killed at any side effect', () => {
  it.each(Object.keys(tales))('ends as it would have without: %s', async (name) => {
    const tale = tales[name]!;
    const whole = await play({ ...tale, stores: fakeStores(SHARDS) });
    expectEnding(whole, tale.expected);
    expect(whole.published).toHaveLength(tale.expected.alerts.length);

    const told = [];
    for (const death of deathsOf(whole.effects.length, 1)) {
      const label = `killed ${death.when} effect ${death.at}, ${whole.effects[death.at]}`;
      try {
        told.push(await tell(tale, fakeStores(SHARDS), death));
      } catch (cause) {
        throw new Error(`${label}: ${cause instanceof Error ? cause.message : 'fault'}`, { cause });
      }
    }
    // The one window in which an alert may double exists, and doubling happens nowhere else.
    expect(told.some(({ isInWindow }) => isInWindow)).toBe(true);
    expect(told.every(({ isInWindow, isDouble }) => isInWindow === isDouble)).toBe(true);
  });
});

// The engine syncs every write to disk.
describe('the same on the embedded engine', { timeout: 60_000 }, () => {
  let engine: Engine;
  beforeAll(async () => void (engine = await startEngine()));
  afterAll(async () => await engine.stop());
  const open = async () => openStores((await engine.freshTable()).table, SHARDS);

  it.each(['a restart by ECS', 'a restart by SSM'])('ends as it would have without: %s', async (name) => {
    const tale = tales[name]!;
    const whole = await play({ ...tale, stores: await open() });
    expectEnding(whole, tale.expected);
    for (const death of deathsOf(whole.effects.length, 11)) await tell(tale, await open(), death);
  });
});
