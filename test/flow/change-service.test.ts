import { beforeEach, describe, expect, it } from 'vitest';

import type { ServiceEvent } from '../../lambdas/core/model/events.ts';
import { freshFleet } from '../../lambdas/core/model/fleet.ts';
import type { State } from '../../lambdas/core/model/state.ts';
import { changeKnown, changeService, noOutbox } from '../../lambdas/flow/change-service.ts';
import type { Outbox } from '../../lambdas/ports/queues.ts';
import type { ServiceStore } from '../../lambdas/ports/service-store.ts';
import { START } from '../fakes/fake-clock.ts';
import { down, up } from '../fakes/fake-prober.ts';
import { fakeStores, type Stores } from '../fakes/fake-stores.ts';
import { probeSet, put, stateOf } from '../fakes/probe-ports.ts';
import { registration, ssmStep } from '../fakes/registrations.ts';

const cause = { correlationId: 'c1', signal: new AbortController().signal };
const key = { tenant: 'default', id: 'billing' };
const saw = (observation: typeof up, beat = START): ServiceEvent => ({
  ...{ kind: 'probed', beat, observation, fleet: freshFleet, jitter: 0.5 },
});
let stores: Stores;
let writes: number;
beforeEach(() => {
  stores = fakeStores(1);
  writes = 0;
});

/** A store whose first `lost` writes are overtaken by somebody else's. */
function overtaken(lost: number): ServiceStore {
  return {
    ...stores.services,
    saveState: async (stored, state, signal) => {
      writes += 1;
      if (writes > lost) return await stores.services.saveState(stored, state, signal);
      const other: State = { ...stored.state, totalRestarts: stored.state.totalRestarts + 1 };
      await stores.services.saveState(stored, other, signal);
      return await stores.services.saveState(stored, state, signal);
    },
  };
}

describe('changing a service', () => {
  it('writes nothing and hands nothing on where nothing changes', async () => {
    await put(stores, registration());
    const { ports, queues, log } = probeSet({ services: overtaken(0) }, stores);
    const changed = await changeService(key, [saw(up)], ports, cause);
    expect(changed).toMatchObject({ isChanged: false, step: { intents: [], state: { health: 'healthy' } } });
    expect(writes).toBe(0);
    const { alert, restart, probe } = queues;
    expect([...alert.messages, ...restart.messages, ...probe.messages]).toEqual([]);
    expect(log.lines).toEqual([]);
  });

  it('applies several events in one write, and hands on what follows from all of them', async () => {
    await put(stores, registration({ restart: { steps: [ssmStep] } }), { downs: 1 });
    const { ports, queues } = probeSet({ services: overtaken(0) }, stores);
    const changed = await changeService(key, [saw(down), saw(down, START + 1)], ports, cause);
    expect(changed?.isChanged).toBe(true);
    expect(writes).toBe(1);
    expect(await stateOf(stores)).toMatchObject({ downs: 3, health: 'unhealthy' });
    expect(queues.restart.messages).toHaveLength(1);
    expect(queues.alert.messages[0]?.body).toMatchObject({ ...key, correlationId: 'c1' });
    expect(queues.alert.messages[0]?.body.intentIds).toEqual(
      (await stateOf(stores)).intents.filter(({ kind }) => kind !== 'restart').map(({ id }) => id),
    );
  });

  it('reads and advances again when it loses a race, and loses nothing of the other', async () => {
    await put(stores, registration());
    const { ports } = probeSet({ services: overtaken(9) }, stores);
    const changed = await changeService(key, [saw(down)], ports, cause);
    expect(changed?.step.state).toMatchObject({ downs: 1, totalRestarts: 9 });
    expect(await stateOf(stores)).toMatchObject({ downs: 1, totalRestarts: 9 });
  });

  it('gives up after ten lost races, so that the message comes again', async () => {
    await put(stores, registration());
    const { ports } = probeSet({ services: overtaken(10) }, stores);
    await expect(changeService(key, [saw(down)], ports, cause)).rejects.toThrow('default/billing changed 10 times');
    expect(writes).toBe(10);
  });

  it('uses what was read already, and reads only when that turns out to be old', async () => {
    await put(stores, registration());
    const known = await stores.services.read(key, cause.signal);
    let reads = 0;
    const services: ServiceStore = {
      ...overtaken(1),
      read: async (...args) => {
        reads += 1;
        return await stores.services.read(...args);
      },
    };
    const { ports } = probeSet({ services }, stores);
    await changeKnown(known!, [saw(down)], ports, cause);
    expect(reads).toBe(1);
    expect((await stateOf(stores)).downs).toBe(1);
  });

  it('answers at once where nothing comes of what was read', async () => {
    await put(stores, registration());
    const known = await stores.services.read(key, cause.signal);
    const { ports } = probeSet({ services: overtaken(0) }, stores);
    expect(changeKnown(known!, [saw(up)], ports, cause)).toMatchObject({ isChanged: false, before: known!.state });
    expect(writes).toBe(0);
  });

  it('changes nothing of a service that is not there', async () => {
    const { ports } = probeSet({}, stores);
    expect(await changeService(key, [saw(down)], ports, cause)).toBeUndefined();
  });

  it('has written before it hands on, so that a queue that fails loses nothing', async () => {
    await put(stores, registration(), { downs: 2 });
    const outbox: Outbox = { hand: () => Promise.reject(new Error('no queue')) };
    const { ports } = probeSet({ outbox }, stores);
    await expect(changeService(key, [saw(down)], ports, cause)).rejects.toThrow('no queue');
    expect((await stateOf(stores)).intents.map(({ kind }) => kind)).toEqual(['record', 'alert']);
  });

  it('logs what became of the service, under names that the log does not keep for itself', async () => {
    await put(stores, registration(), { downs: 2 });
    const { ports, log } = probeSet({}, stores);
    await changeService(key, [saw(down)], ports, cause);
    const { incident } = await stateOf(stores);
    const details = { tenant: 'default', serviceId: 'billing', change: 'unhealthy', changeLevel: 'error' };
    expect(log.lines).toMatchObject([
      {
        level: 'info',
        message: 'the port is closed',
        details: { ...details, incidentId: incident?.id, correlationId: 'c1' },
      },
    ]);
    expect(Object.keys(log.lines[0]!.details)).not.toContain('service');
  });

  it('fails loudly where an event has consequences and nobody to hand them to', async () => {
    await put(stores, registration(), { downs: 2 });
    const { ports } = probeSet({ outbox: noOutbox }, stores);
    await expect(changeService(key, [saw(down)], ports, cause)).rejects.toThrow('had some');
  });
});
