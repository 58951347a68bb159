// Two invocations at the same thing at the same time, through the real store: both have read before either writes.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { sendAlert } from '../../lambdas/alert/send-alert.ts';
import { freshState } from '../../lambdas/core/model/state.ts';
import { noOutbox } from '../../lambdas/flow/change-service.ts';
import type { ServiceStore } from '../../lambdas/ports/service-store.ts';
import { probePack } from '../../lambdas/probe/probe-pack.ts';
import { restartStep } from '../../lambdas/restart/restart-step.ts';
import { type Engine, startEngine } from '../engine/engine.ts';
import { openStores } from '../engine/open-stores.ts';
import { fakeAlertSink } from '../fakes/fake-alert-sink.ts';
import { START } from '../fakes/fake-clock.ts';
import { fakeRestartQueue } from '../fakes/fake-ports.ts';
import { down, fakeProber } from '../fakes/fake-prober.ts';
import { restartWorld } from '../fakes/fake-restarter.ts';
import type { Stores } from '../fakes/fake-stores.ts';
import { meeting } from '../fakes/meeting.ts';
import { packAt, probeSet, put, stateOf } from '../fakes/probe-ports.ts';
import { ecsStep, registration } from '../fakes/registrations.ts';

const { signal } = new AbortController();
let engine: Engine;
let stores: Stores;
beforeAll(async () => void (engine = await startEngine()));
afterAll(async () => await engine.stop());
beforeEach(async () => void (stores = openStores((await engine.freshTable()).table, 1)));

/** The first two who read a service go on together. */
function readTogether(services: ServiceStore): ServiceStore {
  const meet = meeting(2);
  return {
    ...services,
    read: async (key, cut) => {
      const stored = await services.read(key, cut);
      await meet();
      return stored;
    },
  };
}

/** A service on the brink: one more down, and it is unhealthy. */
async function unhealthyAfterTwoAtOnce() {
  await put(stores, registration({ restart: { steps: [ecsStep] } }), { downs: 2 });
  await stores.fleet.expectService(0, 60, signal);
  const meet = meeting(2);
  const prober = fakeProber(async () => {
    await meet();
    return down;
  });
  const set = probeSet({ prober }, stores);
  await Promise.all([probePack(packAt(START), set.ports, signal), probePack(packAt(START), set.ports, signal)]);
  return { ...set, prober };
}

describe('two invocations at once', () => {
  it('see the same down at the same beat: one state, one restart order, one alert', async () => {
    const { prober, queues } = await unhealthyAfterTwoAtOnce();
    expect(prober.asked).toHaveLength(2);
    const state = await stateOf(stores);
    expect(state).toMatchObject({ health: 'unhealthy', downs: 3 });
    expect(state.restartTimes).toHaveLength(1);
    expect(state.intents.map(({ kind }) => kind)).toEqual(['record', 'restart', 'record', 'alert']);
    expect(queues.restart.messages).toHaveLength(1);
    expect(queues.alert.messages).toHaveLength(1);
    expect(await stores.fleet.counts(signal)).toMatchObject([{ services: 1, unhealthy: 1, version: 2 }]);
    expect(await stores.results.rows({ shard: 0, network: 'public', limit: 10 }, signal)).toHaveLength(1);
  });

  it('are given the same alert: one publishes, the other comes again later and finds nothing to do', async () => {
    const { queues, ports } = await unhealthyAfterTwoAtOnce();
    const message = queues.alert.receive()!.body;
    const sink = fakeAlertSink();
    const { timeline, targets } = stores;
    const alertPorts = { ...ports, outbox: noOutbox, timeline, targets, sink };
    const together = { ...alertPorts, services: readTogether(stores.services) };
    const ends = await Promise.allSettled([sendAlert(message, together, signal), sendAlert(message, together, signal)]);

    expect(ends.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(sink.kinds()).toEqual(['unhealthy']);
    await sendAlert(message, alertPorts, signal);
    expect(sink.kinds()).toEqual(['unhealthy']);
    expect((await stateOf(stores)).intents.map(({ kind }) => kind)).toEqual(['restart']);
    const key = { tenant: 'default', id: 'billing' };
    expect(await stores.timeline.events(key, { limit: 10 }, signal)).toHaveLength(2);
  });

  it('are given the same restart: one sends it, and both wait for the same end', async () => {
    const { queues, ports, clock } = await unhealthyAfterTwoAtOnce();
    const message = queues.restart.receive()!.body;
    const world = restartWorld(clock);
    const restartPorts = {
      ...ports,
      targets: stores.targets,
      restarters: world.restarters,
      queue: fakeRestartQueue(queues),
    };
    const together = { ...restartPorts, services: readTogether(stores.services) };
    await Promise.all([restartStep(message, together, signal), restartStep(message, together, signal)]);

    expect(world.orders).toHaveLength(1);
    expect((await stateOf(stores)).restart).toMatchObject({ phase: 'restarting', handle: 'handle-1' });
    clock.pass(5_000);
    await Promise.all([restartStep(message, restartPorts, signal), restartStep(message, restartPorts, signal)]);
    expect(world.orders).toHaveLength(1);
    const state = await stateOf(stores);
    expect(state.restart).toMatchObject({ phase: 'verifying', identity: 'handle-1' });
    expect(state.intents.filter(({ kind }) => kind === 'probe')).toHaveLength(1);
  });

  it('register and probe: neither loses what the other wrote', async () => {
    const { services } = stores;
    await services.register(registration(), freshState(START), START, signal);
    const meet = meeting(2);
    const prober = fakeProber(async () => {
      await meet();
      return down;
    });
    const { ports } = probeSet({ prober }, stores);
    const renamed = async () => {
      await meet();
      await services.register(registration({ name: 'Billing' }), freshState(START), START, signal);
    };
    await Promise.all([probePack(packAt(START), ports, signal), renamed()]);
    const stored = await services.read({ tenant: 'default', id: 'billing' }, signal);
    expect(stored).toMatchObject({ service: { name: 'Billing' }, state: { downs: 1 } });
  });
});
