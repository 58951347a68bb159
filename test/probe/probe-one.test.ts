import { describe, expect, it } from 'vitest';

import type { CheckMessage } from '../../lambdas/contract/messages.ts';
import type { Restart, State } from '../../lambdas/core/model/state.ts';
import { probeOne } from '../../lambdas/probe/probe-one.ts';
import { START } from '../fakes/fake-clock.ts';
import { down, fakeProber, up } from '../fakes/fake-prober.ts';
import { fakeStores } from '../fakes/fake-stores.ts';
import { probeSet, put, stateOf } from '../fakes/probe-ports.ts';
import { registration, ssmStep } from '../fakes/registrations.ts';

const { signal } = new AbortController();
const check = (more: Partial<CheckMessage> = {}): CheckMessage => ({
  ...{ kind: 'check', correlationId: 'c1', tenant: 'default', id: 'billing', beat: START },
  ...more,
});
const restarting = registration({ restart: { steps: [ssmStep] } });
const verifying: Partial<State> = {
  health: 'unhealthy',
  intents: [{ id: 'i1', at: START, handedAt: START, kind: 'probe', dueAt: START }],
  restart: {
    ...{ id: 'rst-1', phase: 'verifying', step: restarting.restart.steps[0]!, stepIndex: 0, trigger: 'automatic' },
    ...{ by: 'lamplighter', reason: 'down', force: false, orderedAt: START - 9_000, sentAt: START - 8_000 },
    ...{ holdUntil: START, deadlineAt: START + 60_000, touchedAt: START },
  } as Restart,
};

describe('a look at one service', () => {
  it('that a person asked for shows what was seen, even where it changes nothing', async () => {
    const stores = fakeStores(1);
    await put(stores, registration());
    await probeOne(check(), probeSet({}, stores).ports, signal);
    expect((await stateOf(stores)).last).toEqual({ beat: START, ...up });
  });

  it('counts like any other', async () => {
    const stores = fakeStores(1);
    await put(stores, restarting, { downs: 2 });
    const { ports, queues } = probeSet({ prober: fakeProber(() => down) }, stores);
    await probeOne(check(), ports, signal);
    expect(await stateOf(stores)).toMatchObject({ health: 'unhealthy', restart: { phase: 'preparing' } });
    expect(queues.restart.messages).toHaveLength(1);
  });

  it('heeds the fleet-wide switch', async () => {
    const stores = fakeStores(1);
    await put(stores, restarting, { downs: 2 });
    await stores.fleet.saveControl({ restartsOn: false }, signal);
    const { ports, queues } = probeSet({ prober: fakeProber(() => down) }, stores);
    await probeOne(check(), ports, signal);
    expect(queues.restart.messages).toEqual([]);
  });

  it('that a verification asked for is struck off by being done, and asks for the next', async () => {
    const stores = fakeStores(1);
    await put(stores, restarting, verifying);
    const { ports, queues } = probeSet({}, stores);
    await probeOne(check({ intentId: 'i1' }), ports, signal);
    const state = await stateOf(stores);
    expect(state).toMatchObject({ ups: 1, restart: { phase: 'verifying' } });
    expect(state.intents).toMatchObject([{ kind: 'probe', dueAt: START + 5_000 }]);
    expect(queues.probe.messages).toMatchObject([{ visibleAt: START + 5_000 }]);
  });

  it('is not repeated when its message comes a second time', async () => {
    const stores = fakeStores(1);
    await put(stores, restarting, { ...verifying, intents: [] });
    const prober = fakeProber(() => up);
    await probeOne(check({ intentId: 'i1' }), probeSet({ prober }, stores).ports, signal);
    expect(prober.asked).toEqual([]);
  });

  it('of a service that was removed is nothing', async () => {
    const prober = fakeProber(() => up);
    await probeOne(check(), probeSet({ prober }).ports, signal);
    expect(prober.asked).toEqual([]);
  });
});
