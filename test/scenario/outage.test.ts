// The story of an outage without accidents, and with every message delivered again and again.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type Engine, startEngine } from '../engine/engine.ts';
import { openStores } from '../engine/open-stores.ts';
import { fakeStores } from '../fakes/fake-stores.ts';
import { ecsStep, ssmStep } from '../fakes/registrations.ts';
import { expectEnding, oneRestart, twoRestarts } from './endings.ts';
import { play, SHARDS } from './world.ts';

let engine: Engine;
beforeAll(async () => void (engine = await startEngine()));
afterAll(async () => await engine.stop());
const table = async () => openStores((await engine.freshTable()).table, SHARDS);
const memory = () => fakeStores(SHARDS);

describe('an outage', () => {
  it('fails three times, is restarted once, recovers', async () => {
    const end = await play({ stores: await table(), steps: [ecsStep] });
    expectEnding(end, oneRestart);
    expect(end.published).toMatchObject([
      { kind: 'unhealthy', level: 'warning' },
      { kind: 'recovered', level: 'warning' },
    ]);
    // Down at its third minute, unhealthy at the fifth: ordered, sent, changed and verified within that minute.
    const [unhealthy, recovered] = ['unhealthy', 'recovered'].map((wanted) =>
      end.timeline.find(({ kind }) => kind === wanted),
    );
    expect(recovered!.at - unhealthy!.at).toBeLessThan(60_000);
    expect(end.effects.at(-1)).toBe('results.saveRow');
  });

  it('takes the next step of the ladder when the first one fails', async () => {
    const end = await play({ stores: await table(), steps: [ecsStep, ssmStep], failingRestarts: 1 });
    expectEnding(end, twoRestarts);
    expect(end.orders.map(({ kind }) => kind)).toEqual(['ecs', 'ssm']);
  });

  it('uses up its budget, calls for a person once, and keeps its hands off', async () => {
    const end = await play({ stores: memory(), steps: [ssmStep], failingRestarts: 99, minutes: 30 });
    expect(end.orders).toHaveLength(3);
    expect(end.state).toMatchObject({ health: 'unhealthy', incident: { handsOff: 'limit' }, intents: [] });
    expect(end.published.map(({ kind }) => kind)).toEqual(['unhealthy', 'restart_failed', 'restart_limit_exceeded']);
    expect(end.published.at(-1)?.level).toBe('critical');
  });

  it.each([
    { name: 'one restart by ECS', steps: [ecsStep], failingRestarts: 0, expected: oneRestart },
    { name: 'one restart by SSM', steps: [ssmStep], failingRestarts: 0, expected: oneRestart },
    { name: 'two restarts', steps: [ecsStep, ssmStep], failingRestarts: 1, expected: twoRestarts },
  ])('ends the same with every message delivered twice at once and once late: $name', async ({ expected, ...plot }) => {
    const end = await play({ ...plot, stores: memory(), isDoubled: true });
    expectEnding(end, expected);
    expect(end.published).toHaveLength(expected.alerts.length);
  });

  it('ends the same on the embedded engine with every message delivered twice at once and once late', async () => {
    expectEnding(await play({ stores: await table(), steps: [ecsStep], isDoubled: true }), oneRestart);
  });
});
