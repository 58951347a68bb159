// The two probers on one fleet: each looks at its own services, writes rows of its own, and exactly one of them keeps
// the counts of a shard.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { CheckMessage, ShardCount } from '../../lambdas/contract/messages.ts';
import { type Network, reaches as networks } from '../../lambdas/contract/networks.ts';
import { resultOf } from '../../lambdas/core/rounds/packed-row.ts';
import type { ProbeQueue } from '../../lambdas/ports/queues.ts';
import { probeConcerned } from '../../lambdas/probe/probe-concerned.ts';
import { probeOne } from '../../lambdas/probe/probe-one.ts';
import { probePack, type ProbePorts } from '../../lambdas/probe/probe-pack.ts';
import { START } from '../fakes/fake-clock.ts';
import { down, fakeProber, up } from '../fakes/fake-prober.ts';
import { fakeStores, type Stores } from '../fakes/fake-stores.ts';
import { packAt, probeSet, put, stateOf } from '../fakes/probe-ports.ts';
import { registration } from '../fakes/registrations.ts';

const { signal } = new AbortController();
const named = (id: string, network: Network, more: object = {}) =>
  registration({ id, probe: { kind: 'tcp', host: `${id}.example.com`, port: 1, retries: 0, network, ...more } });

/** One prober of a deployment that has two; `sent` is what it hands to the other. */
function prober(network: Network, stores: Stores, more: Partial<ProbePorts> = {}) {
  const sent: CheckMessage[] = [];
  const elsewhere: ProbeQueue = {
    sendPacks: () => Promise.reject(new Error('a pack is never passed on')),
    sendCheck: async (message) => void sent.push(message),
  };
  const asking = fakeProber(() => up);
  const set = probeSet({ network, elsewhere, prober: asking, ...more }, stores);
  const hosts = () => asking.asked.map(({ probe }) => ('host' in probe ? probe.host.replace('.example.com', '') : ''));
  return { ...set, sent, hosts };
}
const mixed = async () => {
  const stores = fakeStores(1);
  await put(stores, named('inside', 'private'));
  await put(stores, named('outside', 'public'));
  return stores;
};
const both = { services: 2, privateServices: 1 };

describe('a shard that both probers share', () => {
  it.each([
    ['public', 'outside', 'inside'],
    ['private', 'inside', 'outside'],
  ] as const)('has its %s services looked at by that prober, in a row of its own', async (network, own, other) => {
    const stores = await mixed();
    const { ports, hosts, metrics } = prober(network, stores);
    await probePack(packAt(START, both), ports, signal);
    expect(hosts()).toEqual([own]);
    expect(metrics.values).toMatchObject({ ServicesDue: [1], ServicesChecked: [1] });
    const [row] = await stores.results.rows({ shard: 0, network, limit: 1 }, signal);
    expect(row).toMatchObject({ network, due: 1, checked: 1 });
    expect(resultOf(row!, 'default', own)).toMatchObject({ verdict: 'up' });
    expect(resultOf(row!, 'default', other)).toBeUndefined();
    const elsewhere = networks.find((one) => one !== network)!;
    expect(await stores.results.rows({ shard: 0, network: elsewhere, limit: 1 }, signal)).toEqual([]);
  });

  it('lets time pass for each service at its own prober alone', async () => {
    const stores = fakeStores(1);
    const record = { kind: 'healthy', level: 'info', message: 'Healthy', action: 'none' } as const;
    const intents = [{ id: 'i1', at: START, handedAt: START, kind: 'record', record } as const];
    await put(stores, named('inside', 'private'), { intents });
    const outside = prober('public', stores);
    outside.clock.set(START + 60_000);
    await probePack(packAt(START + 60_000, both), outside.ports, signal);
    expect(outside.queues.alert.messages).toEqual([]);
    expect(outside.metrics.values.OldestPendingIntent).toBeUndefined();
    const inside = prober('private', stores);
    inside.clock.set(START + 60_000);
    await probePack(packAt(START + 60_000, both), inside.ports, signal);
    expect(inside.queues.alert.messages).toHaveLength(1);
  });

  it('has its unreadable items told of once', async () => {
    const stores = await mixed();
    const services: Stores['services'] = {
      ...stores.services,
      readShard: async (...args) => ({ ...(await stores.services.readShard(...args)), faults: 2 }),
    };
    const told = await Promise.all(
      networks.map(async (network) => {
        const { ports, metrics } = prober(network, stores, { services });
        await probePack(packAt(START, both), ports, signal);
        return metrics.values.FaultyItems;
      }),
    );
    expect(told).toEqual([[2], [0]]);
  });
});

describe('the counts of a shard', () => {
  /** Plays one round of both probers, as `schedule` sends it by the counts; those that died do nothing. */
  async function round(stores: Stores, died: readonly Network[] = []): Promise<ShardCount> {
    const [count] = await stores.fleet.counts(signal);
    const sent: readonly Network[] = [
      ...(count!.services > count!.privateServices ? (['public'] as const) : []),
      ...(count!.privateServices > 0 ? (['private'] as const) : []),
    ];
    for (const network of sent.filter((one) => !died.includes(one)))
      await probePack({ ...packAt(START), shards: [count!] }, prober(network, stores).ports, signal);
    return (await stores.fleet.counts(signal))[0]!;
  }

  it('are corrected by the public prober where both are sent, and by it alone', async () => {
    const stores = await mixed();
    for (const network of networks) await stores.fleet.expectService(0, 60, signal, network);
    const [known] = await stores.fleet.counts(signal);
    await stores.fleet.correctCount(known!, { ...known!, unhealthy: 7 }, signal);
    expect(await round(stores, ['public'])).toMatchObject({ unhealthy: 7 });
    expect(await round(stores)).toMatchObject({ ...both, unhealthy: 0, version: known!.version + 2 });
  });

  it('are corrected by the private prober where it alone is sent', async () => {
    const stores = fakeStores(1);
    await put(stores, named('inside', 'private', { intervalSeconds: 30 }));
    await stores.fleet.expectService(0, 10, signal, 'private');
    expect(await round(stores)).toMatchObject({ services: 1, privateServices: 1, fastestSeconds: 30 });
  });

  it('bring a service that has moved to the prober of its new network', async () => {
    const stores = fakeStores(1);
    await put(stores, named('one', 'public'));
    await stores.fleet.expectService(0, 60, signal);
    await put(stores, named('one', 'private'));
    await stores.fleet.expectService(0, 60, signal, 'private');
    expect(await stores.fleet.counts(signal)).toMatchObject([{ services: 2, privateServices: 1 }]);
    expect(await round(stores)).toMatchObject({ services: 1, privateServices: 1 });
  });

  it('come to the truth within two rounds, whatever was registered and removed, and keep every service packed', async () => {
    const step = fc.record({
      id: fc.constantFrom('a', 'b', 'c'),
      network: fc.constantFrom('public', 'private', 'gone'),
      rounds: fc.nat(2),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        const stores = fakeStores(1);
        const there = new Map<string, Network>();
        for (const { id, network, rounds } of steps) {
          if (network === 'gone') {
            await stores.services.remove({ tenant: 'default', id }, signal);
            there.delete(id);
          } else {
            await stores.fleet.expectService(0, 60, signal, network);
            await put(stores, named(id, network));
            await stores.fleet.expectService(0, 60, signal, network);
            there.set(id, network);
          }
          if ((await stores.fleet.counts(signal)).length === 0) continue;
          for (let n = 0; n < rounds; n += 1) await round(stores);
          const [count] = await stores.fleet.counts(signal);
          const inside = [...there.values()].filter((one) => one === 'private').length;
          if (inside > 0) expect(count!.privateServices).toBeGreaterThan(0);
          if (there.size > inside) expect(count!.services).toBeGreaterThan(count!.privateServices);
        }
        if ((await stores.fleet.counts(signal)).length === 0) return;
        await round(stores);
        const inside = [...there.values()].filter((one) => one === 'private').length;
        expect(await round(stores)).toMatchObject({ services: there.size, privateServices: inside });
      }),
      { numRuns: 200 },
    );
  });
});

describe('a look at one service', () => {
  const check = (id: string, more: Partial<CheckMessage> = {}): CheckMessage => ({
    ...{ kind: 'check', correlationId: 'c1', tenant: 'default', id, beat: START },
    ...more,
  });

  it.each([
    ['public', 'inside'],
    ['private', 'outside'],
  ] as const)('that reached the %s prober is passed on to the other, who does it', async (network, id) => {
    const stores = await mixed();
    const wrong = prober(network, stores);
    await probeOne(check(id), wrong.ports, signal);
    expect(wrong.hosts()).toEqual([]);
    expect(wrong.sent).toEqual([check(id, { isForwarded: true })]);
    const right = prober(
      networks.find((one) => one !== network)!,
      stores,
    );
    await probeOne(wrong.sent[0]!, right.ports, signal);
    expect(right.hosts()).toEqual([id]);
    expect(right.sent).toEqual([]);
    expect((await stateOf(stores, id)).last).toMatchObject({ beat: START, verdict: 'up' });
  });

  it('that has been passed on is not passed back: it ends, and says so', async () => {
    const { ports, sent, hosts, log } = prober('private', await mixed());
    await probeOne(check('outside', { isForwarded: true }), ports, signal);
    expect([sent, hosts()]).toEqual([[], []]);
    expect(log.lines).toMatchObject([{ level: 'warn', details: { tenant: 'default', id: 'outside' } }]);
  });

  it('that nobody waits for any more is not passed on', async () => {
    const { ports, sent } = prober('public', await mixed());
    await probeOne(check('inside', { intentId: 'long-done' }), ports, signal);
    expect(sent).toEqual([]);
  });

  it('is passed on as well when AWS says that something has changed inside', async () => {
    const stores = fakeStores(1);
    const steps = [{ kind: 'ecs', cluster: 'prod', service: 'inside' }];
    await put(stores, { ...named('inside', 'private'), restart: registration({ restart: { steps } }).restart });
    const { ports, sent } = prober('public', stores);
    const targets = { services: async () => [{ tenant: 'default', id: 'inside' }] };
    const change = { kind: 'state_change', correlationId: 'e1', event: 'ECS Task State Change', at: START } as const;
    await probeConcerned({ ...change, targets: ['ecs#prod#inside'] }, { ...ports, targets } as never, signal);
    expect(sent).toMatchObject([{ kind: 'check', id: 'inside', isForwarded: true }]);
  });
});

describe('a prober that is the only one', () => {
  it('answers for private services too, which a VPC that was taken away has left behind, and blames them for nothing', async () => {
    const stores = await mixed();
    await stores.fleet.expectService(0, 60, signal, 'private');
    const { ports, metrics } = prober('public', stores, { elsewhere: undefined, prober: fakeProber(() => down) });
    const [known] = await stores.fleet.counts(signal);
    await probePack({ ...packAt(START), shards: [{ ...known!, privateServices: 0 }] }, ports, signal);
    const [row] = await stores.results.rows({ shard: 0, network: 'public', limit: 1 }, signal);
    expect(row).toMatchObject({ due: 2, checked: 2 });
    expect(resultOf(row!, 'default', 'inside')).toMatchObject({ verdict: 'unknown', cause: 'own_trouble' });
    expect(resultOf(row!, 'default', 'outside')).toMatchObject({ verdict: 'down' });
    expect(metrics.values).toMatchObject({ VerdictsUnknown: [1] });
    expect((await stateOf(stores, 'inside')).downs).toBe(0);
    expect(await stores.fleet.counts(signal)).toMatchObject([{ services: 2, privateServices: 0 }]);
  });

  it('says so when somebody asks for a look', async () => {
    const stores = await mixed();
    const { ports, hosts } = prober('public', stores, { elsewhere: undefined });
    await probeOne({ kind: 'check', correlationId: 'c1', tenant: 'default', id: 'inside', beat: START }, ports, signal);
    expect(hosts()).toEqual([]);
    const message = 'it is to be looked at from the private network, where this deployment has no prober';
    expect((await stateOf(stores, 'inside')).last).toMatchObject({ verdict: 'unknown', message });
  });
});
