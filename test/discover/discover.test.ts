// A run of discovery on the fakes: what it reads, what it writes, and what it leaves alone.
import { beforeEach, describe, expect, it } from 'vitest';

import type { SeenService } from '../../lambdas/core/discovery/ecs-tags.ts';
import type { Registration } from '../../lambdas/core/model/service.ts';
import { discover, type DiscoverPorts } from '../../lambdas/discover/discover.ts';
import { registerService } from '../../lambdas/flow/register-service.ts';
import type { Balancers, EcsInventory } from '../../lambdas/ports/discovery.ts';
import { fakeClock } from '../fakes/fake-clock.ts';
import { fakeLog } from '../fakes/fake-log.ts';
import { fakeProbeQueue, fakeQueues } from '../fakes/fake-ports.ts';
import { fakeStores, type Stores } from '../fakes/fake-stores.ts';
import { registration } from '../fakes/registrations.ts';
import { seenService, tagRules } from '../make/discovery.ts';
import { Crash, type Death, Story } from '../scenario/invocation.ts';

const SHARDS = 4;
const RUN = 300_000;
const { signal } = new AbortController();
const url = { 'lamplighter:health-url': 'https://shop.example.com/health' };
const path = { 'lamplighter:health-path': '/health' };
const service = (name: string, tags: Record<string, string> = url, more: Partial<SeenService> = {}) =>
  seenService(tags, { service: name, ...more });

let stores: Stores;
let clock: ReturnType<typeof fakeClock>;
let queues: ReturnType<typeof fakeQueues>;
let log: ReturnType<typeof fakeLog>;
/** What stands in each cluster, or how reading it fails. */
let world: Record<string, readonly SeenService[] | Error>;
beforeEach(() => {
  stores = fakeStores(SHARDS);
  clock = fakeClock();
  queues = fakeQueues(clock);
  log = fakeLog();
  world = { prod: [] };
});

const ecs: EcsInventory = {
  services: async (cluster) => {
    const found = world[cluster] ?? new Error('no such cluster');
    if (found instanceof Error) throw found;
    return found;
  },
};
const noBalancers: Balancers = { endpoints: async () => new Map() };
const ports = (more: Partial<DiscoverPorts> = {}): DiscoverPorts => ({
  ...stores,
  ...{ ecs, balancers: noBalancers, clock, log, shards: SHARDS, clusters: Object.keys(world), retentionMs: 1_000 },
  ...{ probeQueue: fakeProbeQueue(queues), restartTag: tagRules().restartTag, limits: tagRules().limits },
  ...more,
});
const author = { by: 'discovery', correlationId: 'run-1', signal };
const run = (more: Partial<DiscoverPorts> = {}) => discover(ports(more), author);
const later = async (more: Partial<DiscoverPorts> = {}) => {
  clock.pass(RUN);
  await run(more);
};
const read = (id: string) => stores.services.read({ tenant: 'default', id }, signal);
const drift = async () =>
  (await stores.drift.read(signal))?.entries.map(({ kind, service: name }) => `${kind} ${name}`);
const byHand = (document: Registration) => registerService(document, ports(), { ...author, by: 'ada' });

describe('a run of discovery', () => {
  it('registers what is tagged, has it looked at, and leaves its name in the audit', async () => {
    world = { prod: [service('web'), service('api', {})], stage: [service('web-2', url, { cluster: 'stage' })] };
    await run();
    expect((await read('web'))?.service).toMatchObject({ probe: { kind: 'http' }, restart: { mode: 'off' } });
    expect(await read('web-2')).toBeDefined();
    expect(queues.probe.messages.map(({ body }) => body)).toMatchObject([{ id: 'web' }, { id: 'web-2' }]);
    const entries = await stores.audit.entries({ tenant: 'default', id: 'web' }, { limit: 9 }, signal);
    expect(entries).toMatchObject([{ action: 'service.put', caller: 'discovery', outcome: 'accepted' }]);
    expect(await drift()).toEqual(['unregistered api']);
  });

  it('writes nothing but its own item when nothing has changed', async () => {
    world = { prod: [service('web')] };
    await run();
    const before = await read('web');
    await later();
    expect(await read('web')).toEqual(before);
    expect(queues.probe.messages).toHaveLength(1);
    expect((await stores.drift.read(signal))?.at).toBe(clock.now());
  });

  it('removes what is gone in two runs, with its targets, and not before', async () => {
    world = { prod: [service('web')] };
    await run();
    world = { prod: [] };
    await later();
    expect(await read('web')).toBeDefined();
    expect(await drift()).toEqual(['gone web']);
    await later();
    expect(await read('web')).toBeUndefined();
    expect(await drift()).toEqual([]);
    expect(await stores.targets.services('ecs#prod#web', signal)).toEqual([]);
  });

  it('asks the load balancers for what the tags need and for nothing else', async () => {
    const asked: (readonly string[])[] = [];
    const balancers: Balancers = {
      endpoints: async (groups) => {
        asked.push(groups);
        return new Map([['a', { origin: 'http://prod.example.com', isInternal: false }]]);
      },
    };
    world = { prod: [service('web', path, { targetGroups: ['a'] }), service('api', url, { targetGroups: ['b'] })] };
    await run({ balancers });
    expect(asked).toEqual([['a']]);
    expect((await read('web'))?.document.probe).toMatchObject({ url: 'http://prod.example.com/health' });
  });
});

describe('what fails', () => {
  it('as a cluster stops none of the others, is written down, and fails the run in the end', async () => {
    world = { prod: [service('web')], broken: new Error('ListServices broken: ThrottlingException') };
    await expect(run()).rejects.toThrow('discovery failed for cluster broken');
    expect(await read('web')).toBeDefined();
    expect((await stores.drift.read(signal))?.clusters).toEqual([
      { cluster: 'prod', services: 1 },
      { cluster: 'broken', services: 0, fault: 'ListServices broken: ThrottlingException' },
    ]);
    expect(log.lines).toContainEqual({
      ...{ level: 'error', message: 'a part of discovery failed' },
      details: { what: 'cluster broken', reason: 'ListServices broken: ThrottlingException', correlationId: 'run-1' },
    });
  });

  it('as a cluster removes nothing of it, not even when that was gone before', async () => {
    world = { prod: [service('web')] };
    await run();
    world = { prod: [] };
    await later();
    world = { prod: new Error('denied') };
    await expect(later()).rejects.toThrow('cluster prod');
    world = { prod: [] };
    await later();
    expect(await read('web')).toBeDefined();
  });

  it('as the load balancers stops only those that need one', async () => {
    const balancers: Balancers = { endpoints: () => Promise.reject(new Error('down')) };
    world = { prod: [service('web', path, { targetGroups: ['a'] }), service('api')] };
    await expect(run({ balancers })).rejects.toThrow('discovery failed for the load balancers');
    expect(await read('api')).toBeDefined();
    expect(await drift()).toEqual([]);
  });

  it('as one registration stops none of the others', async () => {
    world = { prod: ['a', 'b', 'c'].map((name) => service(name)) };
    const services = {
      ...stores.services,
      register: async (...of: Parameters<Stores['services']['register']>) => {
        if (of[0].id === 'b') throw new Error('the table failed for b');
        return await stores.services.register(...of);
      },
    };
    await expect(run({ services })).rejects.toThrow(new Error('discovery failed for default/b'));
    expect([await read('a'), await read('b'), await read('c')].map((found) => found !== undefined)).toEqual([
      true,
      false,
      true,
    ]);
    expect(await stores.drift.read(signal)).toBeDefined();
    await later();
    expect(await read('b')).toBeDefined();
  });

  it('is named, though not all of a great many', async () => {
    world = { prod: Array.from({ length: 25 }, (_, n) => service(`web-${n}`)) };
    const services = { ...stores.services, register: () => Promise.reject(new Error('gone')) };
    await expect(run({ services })).rejects.toThrow(/^discovery failed for (default\/web-\d+(, )?){10} and 15 more$/);
  });
});

describe('a person', () => {
  it('who registers the service while ECS is being read is seen, and it is not registered a second time', async () => {
    world = { prod: [service('web')] };
    const slow: EcsInventory = {
      services: async (...of) => {
        const found = await ecs.services(...of);
        const steps = [{ kind: 'ecs', cluster: 'prod', service: 'web' }];
        await byHand(registration({ id: 'shop', restart: { steps } }));
        return found;
      },
    };
    const asked = new Set<unknown>();
    const services = { ...stores.services };
    services.readShard = async (...of) => {
      asked.add(of[2]);
      return await stores.services.readShard(...of);
    };
    await run({ ecs: slow, services });
    expect(await read('web')).toBeUndefined();
    expect(await drift()).toEqual(['conflict web']);
    // A read that lags behind would miss what was registered a moment ago.
    expect([...asked]).toEqual(['strong']);
  });

  it('who registers the id in the middle of a run keeps it', async () => {
    world = { prod: [service('web')] };
    const services = { ...stores.services };
    services.readShard = async (...of) => {
      const read = await stores.services.readShard(...of);
      await byHand(registration({ id: 'web' }));
      return read;
    };
    await byHand(registration({ id: 'other' }));
    await run({ services });
    expect((await read('web'))?.document).toEqual(registration({ id: 'web' }));
  });

  it('who takes a registration over in the middle of a run does not see it removed', async () => {
    world = { prod: [service('web')] };
    await run();
    world = { prod: [] };
    await later();
    const services = { ...stores.services };
    services.readShard = async (...of) => {
      const shard = await stores.services.readShard(...of);
      await byHand(registration({ id: 'web' }));
      return shard;
    };
    await later({ services });
    expect((await read('web'))?.document).toEqual(registration({ id: 'web' }));
  });
});

describe('a run that is cut off at any side effect', () => {
  /** One registration comes and one goes; the run dies there, and the next two live. */
  async function tell(death?: Death): Promise<readonly string[]> {
    stores = fakeStores(SHARDS);
    world = { prod: [service('old')] };
    await run();
    world = { prod: [] };
    await later();
    world = { prod: [service('new')] };
    const story = new Story(death);
    const life = story.begin();
    const end = later({
      services: life.mortal('services', stores.services, ['register', 'remove']),
      fleet: life.mortal('fleet', stores.fleet, ['expectService']),
      targets: life.mortal('targets', stores.targets, ['point', 'unpoint']),
      audit: life.mortal('audit', stores.audit, ['write']),
      drift: life.mortal('drift', stores.drift, ['save']),
      probeQueue: life.mortal('probes', fakeProbeQueue(queues), ['sendCheck']),
    });
    await (death ? expect(end).rejects.toThrow(Crash) : end);
    for (const _ of [1, 2]) await later();
    expect([await read('old'), (await read('new'))?.service.id]).toEqual([undefined, 'new']);
    expect(await drift()).toEqual([]);
    expect(await stores.targets.services('ecs#prod#new', signal)).toHaveLength(1);
    return story.names;
  }

  it('is made good by those after it', async () => {
    const effects = await tell();
    expect(effects.length).toBeGreaterThan(8);
    for (const at of effects.keys())
      for (const when of ['before', 'after'] as const)
        await tell({ at, when }).catch((cause: unknown) => {
          throw new Error(`killed ${when} effect ${at}, ${effects[at]}`, { cause });
        });
  });
});
