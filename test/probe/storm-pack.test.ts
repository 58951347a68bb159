// What a pack sees down waits for all its looks, so that what fails in one beat is known to fail together.
import { describe, expect, it } from 'vitest';

import { probeOne } from '../../lambdas/probe/probe-one.ts';
import { probePack } from '../../lambdas/probe/probe-pack.ts';
import { START } from '../fakes/fake-clock.ts';
import { down, fakeProber, unknown, up } from '../fakes/fake-prober.ts';
import { fakeStores } from '../fakes/fake-stores.ts';
import { packAt, probeSet, put, stateOf } from '../fakes/probe-ports.ts';
import { ecsStep, registration } from '../fakes/registrations.ts';

const { signal } = new AbortController();
const ids = Array.from({ length: 10 }, (_, n) => `s${n}`);
const portOf = (probe: object) => ('port' in probe ? Number(probe.port) : 0);

/** Ten services, each one failure short of unhealthy. */
async function fleet() {
  const stores = fakeStores(1);
  for (const [n, id] of ids.entries()) {
    const probe = { kind: 'tcp', host: 'example.com', port: n + 1, retries: 0 };
    await put(stores, registration({ id, probe, restart: { steps: [{ ...ecsStep, service: id }] } }), { downs: 2 });
  }
  await stores.fleet.expectService(0, 60, signal);
  return stores;
}
const failing = (many: number) => fakeProber(({ probe }) => (portOf(probe) <= many ? down : up));
const statesOf = (stores: Awaited<ReturnType<typeof fleet>>) => Promise.all(ids.map((id) => stateOf(stores, id)));

describe('services that fail for the third time in one beat', () => {
  it('are restarted when they are few', async () => {
    const stores = await fleet();
    await probePack(packAt(START), probeSet({ prober: failing(4) }, stores).ports, signal);
    expect((await statesOf(stores)).filter(({ restart }) => restart)).toHaveLength(4);
  });

  it('are not restarted when they are many, not even the first that was looked at, and nobody is told of each', async () => {
    const stores = await fleet();
    const { ports, queues } = probeSet({ prober: failing(5), maxInFlight: 1 }, stores);
    await probePack(packAt(START), ports, signal);
    const states = await statesOf(stores);
    expect(states.filter(({ restart }) => restart)).toEqual([]);
    const ill = states.filter(({ health }) => health === 'unhealthy');
    expect(ill).toHaveLength(5);
    for (const { incident } of ill)
      expect(incident).toMatchObject({ untold: true, held: 'storm: 5 of 10 services of the fleet failed together' });
    expect(queues.storm.messages).toHaveLength(1);
    expect((await stores.fleet.counts(signal))[0]?.groups).toEqual({ fleet: { services: 10, failing: 5 } });
  });

  it('counts a service by this very look, not by the one before', async () => {
    const stores = await fleet();
    const set = probeSet({ prober: failing(5) }, stores);
    await probePack(packAt(START), set.ports, signal);
    const well = probeSet({ prober: fakeProber(({ probe }) => (portOf(probe) === 1 ? down : up)) }, stores);
    well.clock.set(START + 121_000);
    await probePack(packAt(START + 120_000, { services: 10 }), well.ports, signal);
    // Unhealthy until two good looks: it counts as long as that.
    expect((await stores.storms.read(signal)).storms[0]?.endedAt).toBeUndefined();
    well.clock.set(START + 181_000);
    await probePack(packAt(START + 180_000, { services: 10 }), well.ports, signal);
    well.clock.set(START + 301_000);
    await probePack(packAt(START + 300_000, { services: 10 }), well.ports, signal);
    expect((await stores.storms.read(signal)).storms[0]?.endedAt).toBe(START + 301_000);
    expect((await stateOf(stores, 's0')).restart).toBeDefined();
  });

  it('are counted by a pack that is cut off, as far as it has looked', async () => {
    const stores = await fleet();
    const cut = new AbortController();
    const prober = fakeProber(({ probe }) => {
      if (portOf(probe) === 3) cut.abort();
      return portOf(probe) < 3 ? down : unknown;
    });
    await expect(
      probePack(packAt(START), probeSet({ prober, maxInFlight: 1 }, stores).ports, cut.signal),
    ).rejects.toThrow();
    expect((await statesOf(stores)).map(({ downs }) => downs)).toEqual([3, 3, 2, 2, 2, 2, 2, 2, 2, 2]);
    expect(await stores.results.rows({ shard: 0, network: 'public', limit: 1 }, signal)).toMatchObject([
      { checked: 3 },
    ]);
  });
});

describe('looking whether a storm is over', () => {
  it('is done by the pack that is told of it, though nothing is down', async () => {
    const stores = await fleet();
    const storm = { id: 's1', group: 'fleet', services: 10, failing: 6, openedAt: START, lastSeenAt: START };
    await stores.storms.save({ version: 1, storms: [{ ...storm, toldAt: START }] }, signal);
    const set = probeSet({}, stores);
    set.clock.set(START + 120_000);
    await probePack(packAt(START + 120_000), set.ports, signal);
    expect((await stores.storms.read(signal)).storms[0]?.endedAt).toBeUndefined();
    await probePack({ ...packAt(START + 120_000), hasStorms: true }, set.ports, signal);
    expect((await stores.storms.read(signal)).storms[0]?.endedAt).toBe(START + 120_000);
    expect(set.queues.storm.messages.map(({ body }) => body.stormId)).toEqual(['s1']);
  });
});

describe('a single look', () => {
  it('is held by a storm that is counted, and asks for nothing when the service answers', async () => {
    const stores = await fleet();
    await probePack(packAt(START), probeSet({ prober: failing(6) }, stores).ports, signal);
    const check = { kind: 'check', correlationId: 'c', tenant: 'default', id: 's9', beat: START + 60_000 } as const;
    await probeOne(check, probeSet({ prober: fakeProber(() => down) }, stores).ports, signal);
    expect((await stateOf(stores, 's9')).restart).toBeUndefined();
    const reads = { ...stores.fleet, overview: () => Promise.reject(new Error('asked for nothing')) };
    await probeOne({ ...check, id: 's8' }, probeSet({ fleet: reads }, stores).ports, signal);
  });
});
