import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import type { StateChangeMessage, Target } from '../../lambdas/contract/messages.ts';
import { targetsOf } from '../../lambdas/core/rounds/targets.ts';
import { probeConcerned } from '../../lambdas/probe/probe-concerned.ts';
import { type Engine, startEngine, writesOf } from '../engine/engine.ts';
import { openStores } from '../engine/open-stores.ts';
import { START } from '../fakes/fake-clock.ts';
import { fakeProbeQueue } from '../fakes/fake-ports.ts';
import { down, fakeProber, up } from '../fakes/fake-prober.ts';
import { fakeStores, type Stores } from '../fakes/fake-stores.ts';
import { probeSet, put, stateOf } from '../fakes/probe-ports.ts';
import { ecsStep, registration, ssmStep } from '../fakes/registrations.ts';

const { signal } = new AbortController();
const BILLING: Target = 'ecs#prod#billing';
const HOST: Target = 'ec2#i-0abc';
const change = (more: Partial<StateChangeMessage> = {}): StateChangeMessage => ({
  ...{ kind: 'state_change', correlationId: 'event-1', event: 'aws.ecs: ECS Task State Change', at: START },
  targets: [BILLING],
  ...more,
});
const onEcs = (more: object = {}) => registration({ restart: { steps: [ecsStep] }, ...more });

/** Registers a service that is healthy, and notes what it runs on. */
async function watch(stores: Stores, document = onEcs()): Promise<void> {
  await put(stores, document);
  await stores.targets.point(document, targetsOf(document), signal);
}

function scene(answer = down, stores: Stores = fakeStores(1)) {
  const prober = fakeProber(() => answer);
  const { ports, ...rest } = probeSet({ prober }, stores);
  return { ...rest, stores, prober, ports: { ...ports, targets: stores.targets } };
}

let engine: Engine;
beforeAll(async () => void (engine = await startEngine()));
afterAll(async () => await engine.stop());

describe('a change of state', () => {
  it('has the service that runs there looked at now, under the id of the event', async () => {
    const { stores, ports, prober } = scene();
    await watch(stores);
    await probeConcerned(change(), ports, signal);
    expect(prober.asked).toMatchObject([{ correlationId: 'event-1' }]);
    expect(await stateOf(stores)).toMatchObject({ downs: 1, last: { beat: START, verdict: 'down' } });
  });

  it('has every service looked at that runs there, each once, and no other', async () => {
    const { stores, ports, prober } = scene();
    await watch(stores, onEcs({ restart: { steps: [ecsStep, ssmStep] } }));
    await watch(stores, registration({ id: 'ledger', restart: { steps: [ssmStep] } }));
    await watch(stores, registration({ id: 'shop', restart: { steps: [{ ...ecsStep, service: 'shop' }] } }));
    await probeConcerned(change({ targets: [BILLING, HOST] }), ports, signal);
    expect(prober.asked).toHaveLength(2);
    expect((await stateOf(stores, 'ledger')).downs).toBe(1);
    expect((await stateOf(stores, 'shop')).downs).toBe(0);
  });

  it('passes over a service that does not name the target any more, and one that was removed', async () => {
    const { stores, ports, prober } = scene();
    await put(stores, registration());
    await stores.targets.point({ tenant: 'default', id: 'billing' }, [BILLING], signal);
    await stores.targets.point({ tenant: 'default', id: 'gone' }, [BILLING], signal);
    await probeConcerned(change(), ports, signal);
    expect(prober.asked).toEqual([]);
  });

  it('of what a private service runs on is handed to the prober that can reach it', async () => {
    const { stores, ports, prober, queues } = scene();
    await watch(stores, onEcs({ probe: { kind: 'tcp', host: 'billing.internal', port: 443, network: 'private' } }));
    await probeConcerned(change(), { ...ports, elsewhere: fakeProbeQueue(queues) }, signal);
    expect(prober.asked).toEqual([]);
    expect(queues.probe.messages).toMatchObject([
      { body: { kind: 'check', id: 'billing', beat: START, correlationId: 'event-1' } },
    ]);
  });

  it('that concerns nobody costs one query and no write', async () => {
    const { table, usage, forget } = await engine.freshTable();
    const { ports, prober } = scene(down, openStores(table, 1));
    forget();
    await probeConcerned(change(), ports, signal);
    expect(usage.commands).toEqual(['QueryCommand']);
    expect(writesOf(usage)).toEqual([]);
    expect(prober.asked).toEqual([]);
  });

  it.each([
    ['names nothing that a service could run on', { targets: [] }],
    ['comes too late', { at: START - 300_001 }],
  ])('that %s is passed over with a line in the log', async (why, more) => {
    const { stores, ports, prober, log } = scene();
    await watch(stores);
    await probeConcerned(change(more), ports, signal);
    expect(prober.asked).toEqual([]);
    expect(log.lines).toMatchObject([
      { level: 'info', message: expect.stringContaining(why), details: { correlationId: 'event-1' } },
    ]);
  });

  it('that one of several services fails on comes again, and the others were looked at all the same', async () => {
    const { stores, ports, prober } = scene();
    await watch(stores);
    await watch(stores, onEcs({ id: 'broken' }));
    const read: typeof stores.services.read = async (key, abort) => {
      if (key.id === 'broken') throw new Error('no such luck');
      return await stores.services.read(key, abort);
    };
    const services = { ...stores.services, read };
    await expect(probeConcerned(change(), { ...ports, services }, signal)).rejects.toThrow('1 of 2 failed');
    expect(prober.asked).toHaveLength(1);
  });
});

describe('a burst of changes', () => {
  const burst = async (set: ReturnType<typeof scene>) => {
    for (let count = 0; count < 20; count += 1) {
      await probeConcerned(change({ correlationId: `event-${count}`, at: set.clock.now() }), set.ports, signal);
      set.clock.pass(1_000);
    }
  };

  it('raises the counter by one, and restarts nothing', async () => {
    const set = scene();
    await watch(set.stores, onEcs({ policy: { failureThreshold: 2 } }));
    await burst(set);
    expect(set.prober.asked).toHaveLength(20);
    expect(await stateOf(set.stores)).toMatchObject({ downs: 1, health: 'healthy', totalRestarts: 0 });
    expect(set.queues.restart.messages).toEqual([]);
  });

  it('closes no outage sooner than the rounds would', async () => {
    const set = scene(up);
    const document = onEcs({ policy: { successThreshold: 2 } });
    await watch(set.stores, document);
    const stored = (await set.stores.services.read(document, signal))!;
    await set.stores.services.saveState(
      stored,
      { ...stored.state, health: 'unhealthy', lastBeat: START - 60_000 },
      signal,
    );
    await burst(set);
    expect(await stateOf(set.stores)).toMatchObject({ health: 'unhealthy', ups: 1 });
  });

  it('of the same event, delivered twice at once, counts once', async () => {
    const { stores, ports } = scene();
    await watch(stores);
    await Promise.all([probeConcerned(change(), ports, signal), probeConcerned(change(), ports, signal)]);
    expect((await stateOf(stores)).downs).toBe(1);
  });
});
