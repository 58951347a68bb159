// The index of targets beside the registrations: whatever happens to whoever registers, what a service names finds it.
import { describe, expect, it } from 'vitest';

import type { Target } from '../../lambdas/contract/messages.ts';
import { targetsOf } from '../../lambdas/core/rounds/targets.ts';
import { registerService, type RemovePorts, removeService } from '../../lambdas/flow/register-service.ts';
import { fakeClock } from '../fakes/fake-clock.ts';
import { fakeLog } from '../fakes/fake-log.ts';
import { fakeProbeQueue, fakeQueues } from '../fakes/fake-ports.ts';
import { fakeStores, type Stores } from '../fakes/fake-stores.ts';
import { Crash, type Death, Story } from '../scenario/invocation.ts';

const { signal } = new AbortController();
const author = { by: 'jane', correlationId: 'request', signal };
const key = { tenant: 'default', id: 'billing' };
const on = (...services: string[]) => ({
  id: key.id,
  probe: { kind: 'tcp', host: 'billing.example.com', port: 443 },
  restart: { steps: services.map((service) => ({ kind: 'ecs', cluster: 'prod', service })) },
});
const old: Target = 'ecs#prod#old';
const now: Target = 'ecs#prod#new';

function portsOver(stores: Stores): RemovePorts {
  const clock = fakeClock();
  return {
    ...{
      ...stores,
      clock,
      log: fakeLog(),
      shards: 1,
      retentionMs: 1_000,
      probeQueue: fakeProbeQueue(fakeQueues(clock)),
    },
    limits: { minIntervalSeconds: 10, allowedRanges: [], documents: [], networks: ['public'] },
  };
}
const register = (stores: Stores, document: object) => registerService(document, portsOver(stores), author);
const found = async ({ targets }: Stores, ...wanted: Target[]) =>
  (await Promise.all(wanted.map((target) => targets.services(target, signal)))).map((services) => services.length);

describe('a registration', () => {
  it('is found by every target that it names', async () => {
    const stores = fakeStores(1);
    await register(stores, on('old', 'new'));
    expect(await stores.targets.services(old, signal)).toEqual([key]);
    expect(await stores.targets.services(now, signal)).toEqual([key]);
  });

  it('that is replaced is found by its new targets and no longer by those that it has left', async () => {
    const stores = fakeStores(1);
    await register(stores, on('old', 'both'));
    await register(stores, on('both', 'new'));
    expect(await found(stores, old, 'ecs#prod#both', now)).toEqual([0, 1, 1]);
  });

  it('that is removed is found by none', async () => {
    const stores = fakeStores(1);
    await register(stores, on('old', 'new'));
    expect(await removeService(key, portsOver(stores), author)).toBe(true);
    expect(await found(stores, old, now)).toEqual([0, 0]);
  });

  it('that changes no target touches the index no more than once', async () => {
    const stores = fakeStores(1);
    await register(stores, on('old'));
    const calls: string[] = [];
    const told = <A extends unknown[], R>(name: string, run: (...args: A) => Promise<R>) => {
      return (...args: A) => {
        calls.push(name);
        return run(...args);
      };
    };
    const targets = {
      ...stores.targets,
      point: told('point', stores.targets.point),
      unpoint: told('unpoint', stores.targets.unpoint),
    };
    await register({ ...stores, targets }, on('old'));
    expect(calls).toEqual(['point']);
  });
});

describe('two who register the same service at once', () => {
  /** Stores in which somebody else registers `theirs` when `port.method` has been (or is to be) called for the first time. */
  function meeting(stores: Stores, when: 'before' | 'after', theirs: object): Stores {
    let hasMet = false;
    const register: Stores['services']['register'] = async (...args) => {
      const meet = async () => {
        if (hasMet) return;
        hasMet = true;
        await registerService(theirs, portsOver(stores), author);
      };
      if (when === 'before') await meet();
      const outcome = await stores.services.register(...args);
      if (when === 'after') await meet();
      return outcome;
    };
    return { ...stores, services: { ...stores.services, register } };
  }

  it.each([
    ['before', on('old'), on('new')],
    ['after', on('new'), on('old')],
  ] as const)('leave the last document findable: the other came %s our write', async (when, ours, theirs) => {
    const stores = fakeStores(1);
    await register(stores, on('old'));
    await register(meeting(stores, when, theirs), ours);
    expect((await stores.services.read(key, signal))?.document).toMatchObject(on('old'));
    expect((await found(stores, old))[0]).toBe(1);
  });
});

describe('whoever dies in the middle of it', () => {
  const effects = {
    services: ['register', 'remove'],
    targets: ['point', 'unpoint'],
  } as const;

  async function attempt(stores: Stores, act: 'replace' | 'remove', death?: Death): Promise<readonly string[]> {
    const story = new Story(death);
    const life = story.begin();
    const mortal = {
      ...stores,
      services: life.mortal('services', stores.services, effects.services),
      targets: life.mortal('targets', stores.targets, effects.targets),
    };
    const doing = act === 'replace' ? register(mortal, on('new')) : removeService(key, portsOver(mortal), author);
    await doing.catch((error: unknown) => {
      if (!(error instanceof Crash)) throw error;
    });
    return story.names;
  }

  it.each(['replace', 'remove'] as const)('leaves no target that finds nothing: %s', async (act) => {
    const first = fakeStores(1);
    await register(first, on('old'));
    const names = await attempt(first, act);
    expect(names.length).toBeGreaterThanOrEqual(3);
    for (let at = 0; at < names.length; at += 1) {
      for (const when of ['before', 'after'] as const) {
        const stores = fakeStores(1);
        await register(stores, on('old'));
        await attempt(stores, act, { at, when });
        const stored = await stores.services.read(key, signal);
        for (const target of stored ? targetsOf(stored.document) : [])
          expect(await stores.targets.services(target, signal), `${names[at]} ${when}`).toEqual([key]);
      }
    }
  });
});
