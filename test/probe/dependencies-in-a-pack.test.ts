// A database and those that stand on it go down in the same pack: the lowest is restarted, the others wait and are silent.
import { expect, it } from 'vitest';

import { probePack } from '../../lambdas/probe/probe-pack.ts';
import { START } from '../fakes/fake-clock.ts';
import { down, fakeProber, up } from '../fakes/fake-prober.ts';
import { fakeStores } from '../fakes/fake-stores.ts';
import { packAt, probeSet, put, stateOf } from '../fakes/probe-ports.ts';
import { registration, ssmStep } from '../fakes/registrations.ts';

const { signal } = new AbortController();
const MINUTE_MS = 60_000;

it('holds the children of a database that is down, looks at it once, and lets them go when it is well', async () => {
  const stores = fakeStores(1);
  const of = (id: string, ...needs: string[]) =>
    registration({
      ...{ id, policy: { failureThreshold: 1 }, restart: { steps: [ssmStep] } },
      probe: { kind: 'tcp', host: `${id}.example.com`, port: 443, retries: 0 },
      dependsOn: needs.map((service) => ({ service })),
    });
  for (const document of [of('db'), of('shop', 'db'), of('mobile', 'shop')]) await put(stores, document);
  const well = new Set<string>();
  const nameOf = (probe: object) => ('host' in probe ? String(probe.host).split('.')[0]! : '');
  const prober = fakeProber(({ probe }) => (well.has(nameOf(probe)) ? up : down));
  const { ports, clock } = probeSet({ prober }, stores);
  const round = async (minute: number) => {
    prober.asked.length = 0;
    clock.set(START + minute * MINUTE_MS);
    await probePack(packAt(clock.now(), { services: 3 }), ports, signal);
  };
  const isOrdered = async (id: string) => (await stateOf(stores, id)).restart?.phase === 'preparing';
  const told = async (id: string) => (await stateOf(stores, id)).intents.filter(({ kind }) => kind === 'alert').length;

  await round(1);
  expect(prober.asked).toHaveLength(3);
  expect(await Promise.all(['db', 'shop', 'mobile'].map(isOrdered))).toEqual([true, false, false]);
  expect(await Promise.all(['db', 'shop', 'mobile'].map(told))).toEqual([1, 0, 0]);
  expect((await stateOf(stores, 'shop')).incident?.held).toBe('it depends on db, which is down');
  expect((await stateOf(stores, 'mobile')).incident?.held).toBe('it depends on shop, which is down');

  // It answers, but its restart has not been verified.
  well.add('db');
  await round(2);
  expect(await isOrdered('shop')).toBe(false);

  const db = (await stores.services.read({ tenant: 'default', id: 'db' }, signal))!;
  await stores.services.saveState(
    db,
    { ...db.state, health: 'healthy', restart: undefined, incident: undefined },
    signal,
  );
  await round(3);
  expect(await Promise.all(['shop', 'mobile'].map(isOrdered))).toEqual([true, false]);
  expect(await Promise.all(['shop', 'mobile'].map(told))).toEqual([1, 0]);
});
