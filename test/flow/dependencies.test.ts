// What a service depends on and who depends on it, as the flows find it: looked at once, never in a circle.
import { beforeEach, describe, expect, it } from 'vitest';

import type { Observation } from '../../lambdas/core/model/observation.ts';
import { toService } from '../../lambdas/core/model/service.ts';
import type { State } from '../../lambdas/core/model/state.ts';
import { watchDependencies } from '../../lambdas/flow/dependencies.ts';
import { allDependentsOf, dependentsOf } from '../../lambdas/flow/dependents.ts';
import { type RegisterPorts, registerService } from '../../lambdas/flow/register-service.ts';
import type { Stored } from '../../lambdas/ports/service-store.ts';
import { lookAtDependencies } from '../../lambdas/probe/dependency-looks.ts';
import { fakeClock } from '../fakes/fake-clock.ts';
import { fakeLog } from '../fakes/fake-log.ts';
import { fakeProbeQueue, fakeQueues } from '../fakes/fake-ports.ts';
import { down, fakeProber, up } from '../fakes/fake-prober.ts';
import { fakeStores, type Stores } from '../fakes/fake-stores.ts';
import { put } from '../fakes/probe-ports.ts';
import { registration } from '../fakes/registrations.ts';
import { makeRestart } from '../make/state.ts';

const { signal } = new AbortController();
let stores: Stores;
beforeEach(() => void (stores = fakeStores(1)));

type Edge = string | Readonly<{ service: string; essential: boolean }>;
const edges = (names: readonly Edge[]) => names.map((edge) => (typeof edge === 'string' ? { service: edge } : edge));
const documentOf = (id: string, ...needs: Edge[]) => registration({ id, dependsOn: edges(needs) });
const key = (id: string) => ({ tenant: 'default', id });

const registerPorts = (): RegisterPorts => {
  const clock = fakeClock();
  return {
    ...{ ...stores, clock, log: fakeLog(), shards: 1, probeQueue: fakeProbeQueue(fakeQueues(clock)) },
    limits: { minIntervalSeconds: 10, allowedRanges: [], documents: [], networks: ['public'] },
  };
};
/** Registers by the usual way; the faults, when it is refused. */
const register = async (id: string, ...needs: Edge[]): Promise<readonly string[]> => {
  const answer = await registerService(documentOf(id, ...needs), registerPorts(), {
    ...{ by: 'jane', correlationId: 'c1', signal },
  });
  return answer.kind === 'faulty' ? answer.faults.map(({ path, message }) => `${path} ${message}`) : [];
};

describe('a registration with dependencies', () => {
  it('is accepted before what it depends on is there', async () => {
    expect(await register('shop', 'db')).toEqual([]);
    expect(await register('db')).toEqual([]);
  });

  it('that closes a circle is refused, with the circle, and nothing is written', async () => {
    await register('a', 'b');
    await register('b', 'c');
    expect(await register('c', 'x', 'a')).toEqual([
      'dependsOn[1].service closes a circle: c -> a -> b -> c; each would wait for the other, and none would be restarted',
    ]);
    expect(await stores.services.read(key('c'), signal)).toBeUndefined();
    expect(await stores.audit.entries(key('c'), { limit: 5 }, signal)).toMatchObject([{ outcome: 'INVALID_REQUEST' }]);
    expect(await register('c', 'x')).toEqual([]);
  });

  it('may not depend on itself', async () => {
    expect(await register('a', 'a')).toEqual(['dependsOn[0].service is the service itself; remove it']);
  });

  it('is judged by what is registered now: the circle is gone with the edge that closed it', async () => {
    await register('a', 'b');
    await register('a');
    expect(await register('b', 'a')).toEqual([]);
  });

  it('that leads to too many is refused instead of being read to its end', async () => {
    for (let index = 0; index < 200; index += 1) await put(stores, documentOf(`s${index}`, `s${index + 1}`));
    expect(await register('top', 's0')).toEqual(['dependsOn leads to more than 200 services; name fewer']);
    expect(await register('top', 's3')).toEqual([]);
  });
});

describe('who depends on a service', () => {
  const names = (found: readonly Stored[]) => found.map(({ service }) => service.id);

  it('is found by its registration, and no longer when that has changed', async () => {
    await register('shop', 'db');
    await register('web', { service: 'db', essential: false });
    const found = await dependentsOf(key('db'), 10, stores, signal);
    expect(names(found.services)).toEqual(['shop', 'web']);
    await register('web');
    expect(names((await dependentsOf(key('db'), 10, stores, signal)).services)).toEqual(['shop']);
  });

  it('is asked itself: the index may point at one that does not, or is gone', async () => {
    await stores.targets.point(key('gone'), ['service#default#db'], signal);
    await put(stores, documentOf('other'));
    await stores.targets.point(key('other'), ['service#default#db'], signal);
    expect(await dependentsOf(key('db'), 10, stores, signal)).toEqual({ services: [], isCut: false, faulty: [] });
  });

  it('are told, and named beside them whose items cannot be decoded; a table that is silent is asked again later', async () => {
    await register('left', 'db');
    await register('right', 'db');
    await register('top', 'left');
    const failing = (id: string, fault: Error): typeof stores.services => ({
      ...stores.services,
      read: async (one, cut) => (one.id === id ? await Promise.reject(fault) : await stores.services.read(one, cut)),
    });
    const undecodable = Object.assign(new Error('not decoded'), { isTransient: false });
    const seen = await allDependentsOf(key('db'), 3, { ...stores, services: failing('top', undecodable) }, signal);
    expect([names(seen.services).sort(), seen.faulty]).toEqual([['left', 'right'], ['top']]);
    const silent = { ...stores, services: failing('top', new Error('throttled')) };
    await expect(allDependentsOf(key('db'), 3, silent, signal)).rejects.toThrow('throttled');
  });

  it('are found to the end of the chain, each once, and at most so many', async () => {
    await register('left', 'db');
    await register('right', 'db');
    await register('top', 'left', 'right');
    const all = await allDependentsOf(key('db'), 3, stores, signal);
    expect([names(all.services).sort(), all.isCut]).toEqual([['left', 'right', 'top'], false]);
    expect((await allDependentsOf(key('db'), 2, stores, signal)).isCut).toBe(true);
    expect(await dependentsOf(key('db'), 1, stores, signal)).toMatchObject({ services: [{}], isCut: true });
    expect((await allDependentsOf(key('db'), 1, stores, signal)).isCut).toBe(true);
  });
});

describe('what a service that is down depends on', () => {
  const shop = toService(documentOf('shop', 'db', { service: 'mail', essential: false }));
  const seen = async (verdict: Observation | undefined, state: Partial<State> = {}) => {
    await put(stores, documentOf('db'), state);
    const watch = watchDependencies({ ...stores, log: fakeLog() }, signal, () => verdict && Promise.resolve(verdict));
    return (await watch(shop)).map(({ service, isDown }) => `${service} ${isDown ? 'down' : 'well'}`)[0];
  };
  const unknown: Observation = { verdict: 'unknown', cause: 'own_trouble' };
  const slow: Observation = { verdict: 'slow', cause: 'too_slow' };

  it.each<[string, Observation | undefined, Partial<State>, string]>([
    ['seen down is down, whatever is stored', down, { health: 'healthy' }, 'db down'],
    ['seen up is well, though its rounds have not counted that yet', up, { health: 'unhealthy' }, 'db well'],
    ['seen slow is well', slow, { health: 'unhealthy' }, 'db well'],
    ['that cannot be told is as it was last known: down', unknown, { health: 'unhealthy' }, 'db down'],
    ['that cannot be told is as it was last known: well', unknown, { health: 'healthy' }, 'db well'],
    ['that is not looked at from here is as it was last known', undefined, { health: 'unhealthy' }, 'db down'],
    [
      'being restarted is not well before that is verified',
      up,
      { restart: makeRestart({ phase: 'verifying' }) },
      'db down',
    ],
    ['whose restart is over is as it is seen', up, { restart: makeRestart({ phase: 'completed' }) }, 'db well'],
  ])('%s', async (_, verdict, state, expected) => {
    expect(await seen(verdict, state)).toBe(expected);
  });

  it('is well when it is not registered: nobody is held for what is not there', async () => {
    expect(await watchDependencies({ ...stores, log: fakeLog() }, signal)(shop)).toEqual([
      { service: 'db', essential: true, isDown: false },
      { service: 'mail', essential: false, isDown: false },
    ]);
  });

  it('is well when its item cannot be decoded: it must not blind all that stand on it', async () => {
    const undecodable = Object.assign(new Error('not decoded'), { isTransient: false });
    const services = { ...stores.services, read: () => Promise.reject(undecodable) };
    const found = await watchDependencies({ services, log: fakeLog() }, signal)(shop);
    expect(found.map(({ isDown }) => isDown)).toEqual([false, false]);
  });

  it('is asked again later when the table cannot be read', async () => {
    const services = { ...stores.services, read: () => Promise.reject(new Error('throttled')) };
    await expect(watchDependencies({ services, log: fakeLog() }, signal)(shop)).rejects.toThrow('throttled');
  });

  it('is read and looked at once for all that depend on it', async () => {
    await put(stores, documentOf('db'));
    const prober = fakeProber(() => down);
    const ports = { ...stores, log: fakeLog(), prober, network: 'public', elsewhere: undefined } as const;
    const watch = lookAtDependencies(ports, 'c1', signal);
    const others = ['one', 'two', 'three'].map((id) => toService(documentOf(id, 'db')));
    const all = await Promise.all(others.map((service) => watch(service)));
    expect(all.flat().every(({ isDown }) => isDown)).toBe(true);
    expect(prober.asked).toHaveLength(1);
  });

  it('is not looked at by a prober that does not reach it', async () => {
    const probe = { kind: 'tcp', host: '10.0.0.1', port: 443, network: 'private', retries: 0 };
    await put(stores, registration({ id: 'db', probe }), { health: 'unhealthy' });
    const prober = fakeProber(() => up);
    const elsewhere = fakeProbeQueue(fakeQueues(fakeClock()));
    const ports = { ...stores, log: fakeLog(), prober, network: 'public', elsewhere } as const;
    const [db] = await lookAtDependencies(ports, 'c1', signal)(shop);
    expect(db).toMatchObject({ isDown: true });
    expect(prober.asked).toEqual([]);
  });

  it('that depends on it in turn, which two who registered at once have brought about, holds nobody', async () => {
    await put(stores, documentOf('shop', 'db'));
    await put(stores, documentOf('db', 'shop'), { health: 'unhealthy' });
    const log = fakeLog();
    const found = await watchDependencies({ ...stores, log }, signal)(toService(documentOf('shop', 'db')));
    expect(found).toEqual([{ service: 'db', essential: true, isDown: false }]);
    expect(log.lines).toHaveLength(1);
  });
});
