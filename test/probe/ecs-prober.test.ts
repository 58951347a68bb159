// Three probers on one fleet: that beside ECS looks at the services whose state ECS tells, and no other one does.
import { describe, expect, it } from 'vitest';

import type { CheckMessage, PackMessage } from '../../lambdas/contract/messages.ts';
import type { Network } from '../../lambdas/contract/networks.ts';
import type { ProbeQueue } from '../../lambdas/ports/queues.ts';
import { probeOne } from '../../lambdas/probe/probe-one.ts';
import { probePack, type ProbePorts } from '../../lambdas/probe/probe-pack.ts';
import { packRound } from '../../lambdas/schedule/pack-round.ts';
import { START } from '../fakes/fake-clock.ts';
import { fakeMetrics } from '../fakes/fake-metrics.ts';
import { down, fakeProber, up } from '../fakes/fake-prober.ts';
import { fakeStores, type Stores } from '../fakes/fake-stores.ts';
import { packAt, probeSet, put, stateOf } from '../fakes/probe-ports.ts';
import { ecsStep, registration } from '../fakes/registrations.ts';

const { signal } = new AbortController();
const tcp = (id: string, network: Network) =>
  registration({ id, probe: { kind: 'tcp', host: `${id}.example.com`, port: 1, network } });
const onEcs = (more: object = {}) =>
  registration({ id: 'beside', probe: { kind: 'ecs', cluster: 'prod', service: 'billing', retries: 0 }, ...more });
const check = (id: string, more: Partial<CheckMessage> = {}): CheckMessage => ({
  ...{ kind: 'check', correlationId: 'c1', tenant: 'default', id, beat: START, ...more },
});

async function fleet() {
  const stores = fakeStores(1);
  await put(stores, tcp('outside', 'public'));
  await put(stores, tcp('inside', 'private'));
  await put(stores, onEcs());
  return stores;
}

/** The prober of one network where there are all three; what it passes on, by the queue that it goes to. */
function prober(network: Network, stores: Stores, more: Partial<ProbePorts> = {}) {
  const sent: Record<string, CheckMessage[]> = { elsewhere: [], ecs: [] };
  const queue = (name: string): ProbeQueue => ({
    sendPacks: () => Promise.reject(new Error('a pack is never passed on')),
    sendCheck: async (message) => void sent[name]?.push(message),
  });
  const asking = fakeProber(() => up);
  const others = { elsewhere: queue('elsewhere'), ...(network !== 'ecs' && { ecsQueue: queue('ecs') }) };
  const set = probeSet({ network, seesEcs: network === 'ecs', prober: asking, ...others, ...more }, stores);
  const seen = () => asking.asked.map(({ probe }) => (probe.kind === 'tcp' ? probe.host.split('.')[0] : probe.kind));
  return { ...set, sent, seen };
}
const all = { services: 3, privateServices: 1, ecsServices: 1 };

describe('each of three probers', () => {
  it.each([
    ['public', 'outside'],
    ['private', 'inside'],
    ['ecs', 'ecs'],
  ] as const)('looks at its own services alone: %s', async (network, own) => {
    const stores = await fleet();
    const { ports, seen, metrics } = prober(network, stores);
    await probePack(packAt(START, all), ports, signal);
    expect(seen()).toEqual([own]);
    expect(metrics.values).toMatchObject({ ServicesDue: [1], ServicesChecked: [1] });
    expect(await stores.results.rows({ shard: 0, network, limit: 9 }, signal)).toMatchObject([{ due: 1, checked: 1 }]);
  });

  it.each([
    ['public', 'beside', 'ecs'],
    ['private', 'beside', 'ecs'],
    ['public', 'inside', 'elsewhere'],
    ['ecs', 'outside', 'elsewhere'],
    ['ecs', 'inside', 'elsewhere'],
  ] as const)('passes on what is not its own, once: %s of %s to %s', async (network, id, to) => {
    const { ports, seen, sent } = prober(network, await fleet());
    await probeOne(check(id), ports, signal);
    expect(sent[to]).toEqual([check(id, { isForwarded: true })]);
    await probeOne(check(id, { isForwarded: true }), ports, signal);
    expect(Object.values(sent).flat()).toHaveLength(1);
    expect(seen()).toEqual([]);
  });

  it('finds the same counts, and the public one keeps them', async () => {
    const stores = await fleet();
    await stores.fleet.expectService(0, 60, signal, 'ecs');
    const [known] = await stores.fleet.counts(signal);
    for (const network of ['private', 'ecs', 'public'] as const)
      await probePack(
        { ...packAt(START), shards: [{ ...known!, ...all, version: known!.version }] },
        prober(network, stores).ports,
        signal,
      );
    expect(await stores.fleet.counts(signal)).toMatchObject([all]);
  });

  it('keeps the counts of a shard that is all its own', async () => {
    const stores = fakeStores(1);
    await put(stores, onEcs());
    await stores.fleet.expectService(0, 60, signal, 'ecs');
    await stores.fleet.expectService(0, 10, signal, 'ecs');
    const [known] = await stores.fleet.counts(signal);
    expect(known).toMatchObject({ services: 1, ecsServices: 1, fastestSeconds: 10 });
    await probePack({ ...packAt(START), shards: [known!] }, prober('ecs', stores).ports, signal);
    expect(await stores.fleet.counts(signal)).toMatchObject([{ services: 1, ecsServices: 1, fastestSeconds: 60 }]);
  });
});

describe('where there is no prober beside ECS', () => {
  it('such a service is unknown to the public one, and never restarted', async () => {
    const stores = fakeStores(1);
    await put(stores, onEcs({ restart: { steps: [ecsStep] } }), { downs: 2 });
    const { ports, queues } = probeSet({ prober: fakeProber(() => down) }, stores);
    await probeOne(check('beside'), ports, signal);
    expect(await stateOf(stores, 'beside')).toMatchObject({ downs: 2, last: { verdict: 'unknown' } });
    expect(queues.restart.messages).toEqual([]);
  });

  it('and the only prober may ask ECS, as on one machine, it looks', async () => {
    const stores = fakeStores(1);
    await put(stores, onEcs());
    const asking = fakeProber(() => up);
    const { ports } = probeSet({ prober: asking, seesEcs: true }, stores);
    await probePack(packAt(START), ports, signal);
    expect(asking.asked).toMatchObject([{ probe: { kind: 'ecs', cluster: 'prod', service: 'billing' } }]);
  });
});

describe('an incident of what ECS tells', () => {
  it.each(['container_stopped', 'container_error'] as const)('is of type %s', async (cause) => {
    const stores = fakeStores(1);
    await put(stores, onEcs({ restart: { steps: [ecsStep] } }), { downs: 2 });
    const seen = { verdict: 'down', cause, message: '0 of 2 tasks run' } as const;
    const { ports } = prober('ecs', stores, { prober: fakeProber(() => seen) });
    await probePack(packAt(START, { services: 1, ecsServices: 1 }), ports, signal);
    const { incident, intents, restart } = await stateOf(stores, 'beside');
    expect(incident).toMatchObject({ failureType: cause, message: '0 of 2 tasks run' });
    expect(restart).toMatchObject({ phase: 'preparing' });
    expect(intents.find(({ kind }) => kind === 'alert')).toMatchObject({ alert: { failureType: cause } });
    expect(intents.filter((one) => one.kind === 'record').map(({ record }) => record.failureType)).toContain(cause);
  });
});

describe('a round', () => {
  const round = async (queues: ('private' | 'ecs')[]) => {
    const stores = await fleet();
    for (const network of ['public', 'private', 'ecs'] as const)
      await stores.fleet.expectService(0, 60, signal, network);
    const packs: Record<string, PackMessage[]> = {};
    const queue = (name: string): ProbeQueue => ({
      sendCheck: () => Promise.reject(new Error('no check')),
      sendPacks: async (sent) => void (packs[name] = sent.map(({ message }) => message)),
    });
    const more = {
      ...(queues.includes('private') && { privateQueue: queue('private') }),
      ...(queues.includes('ecs') && { ecsQueue: queue('ecs') }),
    };
    const { clock } = probeSet({}, stores);
    await packRound(
      START,
      'round',
      { fleet: stores.fleet, queue: queue('public'), clock, metrics: fakeMetrics(), ...more },
      signal,
    );
    return packs;
  };

  it('sends a shard to each prober that has something to look at there', async () => {
    const packs = await round(['private', 'ecs']);
    expect(Object.keys(packs).sort()).toEqual(['ecs', 'private', 'public']);
    for (const sent of Object.values(packs)) expect(sent).toMatchObject([{ shards: [all] }]);
  });

  it.each([
    [['ecs'], { services: 3, privateServices: 0, ecsServices: 1 }, ['ecs', 'public']],
    [['private'], { services: 3, privateServices: 1 }, ['private', 'public']],
    [[], { services: 3, privateServices: 0 }, ['public']],
  ] as const)('leaves those of probers that there are not to the public one: %j', async (queues, shard, names) => {
    const packs = await round([...queues]);
    expect(Object.keys(packs).sort()).toEqual(names);
    expect(packs['public']).toMatchObject([{ shards: [shard] }]);
    if (!('ecsServices' in shard)) expect(packs['public']![0]!.shards[0]!.ecsServices).toBeUndefined();
  });
});
