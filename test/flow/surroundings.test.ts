// What a decision knows of the fleet: switches, storms, dependencies; and who is told of a storm when.
import { beforeEach, describe, expect, it } from 'vitest';

import type { Census } from '../../lambdas/contract/messages.ts';
import { takeCensus } from '../../lambdas/core/health/census.ts';
import { type AroundPorts, asNoted, lookAround, noLooks, type OwnLooks } from '../../lambdas/flow/surroundings.ts';
import { START } from '../fakes/fake-clock.ts';
import { fakeStores, type Stores } from '../fakes/fake-stores.ts';
import { probeSet } from '../fakes/probe-ports.ts';
import { makeService } from '../make/service.ts';

const { signal } = new AbortController();
const cause = { correlationId: 'c1', signal };
const WORDS = 'storm: 6 of 10 services of the fleet failed together';
let stores: Stores;
beforeEach(() => void (stores = fakeStores(2)));

const fleetOf = (failing: number, services = 10, project?: string) =>
  Array.from({ length: services }, (_, n) => ({
    service: makeService({ id: `s${n}`, project }),
    isFailing: n < failing,
  }));
const looksAt = (services: OwnLooks['services'], shards = [0]): OwnLooks => ({
  shards,
  services,
  down: services.filter(({ isFailing }) => isFailing).map(({ service }) => service),
});
const count = async (shard: number, groups: Census) => {
  await stores.fleet.expectService(shard, 60, signal);
  const known = (await stores.fleet.counts(signal)).find((one) => one.shard === shard)!;
  await stores.fleet.correctCount(known, { ...known, groups }, signal);
};
const [service] = fleetOf(1).map((one) => one.service);

function setUp(more: Partial<Pick<AroundPorts, 'storms' | 'stormQueue'>> = {}) {
  const set = probeSet(more, stores);
  const told = () => set.queues.storm.messages.splice(0).map(({ body }) => body);
  return { ...set, told };
}

describe('looking around', () => {
  it('sees nothing to hold a restart in a fleet of which little fails', async () => {
    const { ports, told } = setUp();
    const around = await lookAround(looksAt(fleetOf(2)), ports, cause);
    expect(await around(service!)).toEqual({ restartsOn: true, storm: undefined, dependencies: [] });
    expect(await stores.storms.read(signal)).toMatchObject({ version: 0 });
    expect(told()).toEqual([]);
  });

  it('sees the storm of this very beat, notes it, and has people told of it', async () => {
    const { ports, told } = setUp();
    const around = await lookAround(looksAt(fleetOf(6)), ports, cause);
    expect(await around(service!)).toMatchObject({ storm: WORDS });
    const { storms } = await stores.storms.read(signal);
    expect(storms).toMatchObject([{ group: 'fleet', services: 10, failing: 6, openedAt: START }]);
    expect(told()).toEqual([{ kind: 'storm', correlationId: 'c1', stormId: storms[0]!.id }]);
  });

  it('has people told once, though many packs see it', async () => {
    const { ports, told } = setUp();
    for (let pack = 0; pack < 3; pack += 1) await lookAround(looksAt(fleetOf(6)), ports, cause);
    expect(told()).toHaveLength(1);
  });

  it('has that of a project told a little later, when it may have become that of the fleet', async () => {
    const { ports, queues } = setUp();
    await lookAround(looksAt([...fleetOf(5, 5, 'erp'), ...fleetOf(0, 30)]), ports, cause);
    expect(queues.storm.messages).toMatchObject([{ visibleAt: START + 15_000 }]);
  });

  it('has it told by one of two packs that see it at the same moment', async () => {
    const { ports, told } = setUp();
    await Promise.all([1, 2].map(() => lookAround(looksAt(fleetOf(6)), ports, cause)));
    expect((await stores.storms.read(signal)).storms).toHaveLength(1);
    expect(told()).toHaveLength(1);
  });

  it('asks again in a round for what is still owed, and not for what was told', async () => {
    const { ports, told } = setUp();
    await lookAround(looksAt(fleetOf(6)), ports, cause);
    const [first] = told();
    await lookAround(noLooks, ports, cause, { isRound: true });
    expect(told()).toEqual([first]);
    const { version, storms } = await stores.storms.read(signal);
    await stores.storms.save(
      { version: version + 1, storms: storms.map((one) => ({ ...one, toldAt: START })) },
      signal,
    );
    await lookAround(noLooks, ports, cause, { isRound: true });
    expect(told()).toEqual([]);
  });

  it('goes on when the queue refuses, because a round asks again', async () => {
    const { ports, log } = setUp({ stormQueue: { tell: () => Promise.reject(new Error('no')) } });
    const around = await lookAround(looksAt(fleetOf(6)), ports, cause);
    expect(await around(service!)).toMatchObject({ storm: WORDS });
    expect(log.lines).toMatchObject([{ level: 'warn' }]);
  });

  it('adds what is counted in the shards of others, and takes its own looks for its own', async () => {
    await count(0, { fleet: { services: 10, failing: 0 } });
    await count(1, takeCensus(fleetOf(3)));
    const { ports } = setUp();
    const calm = await lookAround(looksAt(fleetOf(2)), ports, cause);
    expect((await calm(service!)).storm).toBeUndefined();
    const around = await lookAround(looksAt(fleetOf(3)), ports, cause);
    expect((await around(service!)).storm).toContain('6 of 20');
    const single = await lookAround({ ...noLooks, down: [service!] }, setUp().ports, cause);
    expect((await single(service!)).storm).toContain('6 of 20');
  });

  it('holds only what is part of the storm', async () => {
    const erp = fleetOf(5, 5, 'erp');
    const { ports } = setUp();
    const around = await lookAround(looksAt([...erp, ...fleetOf(0, 30)]), ports, cause);
    expect((await around(erp[0]!.service)).storm).toBe('storm: 5 of 5 services of project erp failed together');
    expect((await around(service!)).storm).toBeUndefined();
  });

  it('is over after the cooldown, which people are told, and holds no restart from then on', async () => {
    const { ports, clock, told } = setUp();
    await lookAround(looksAt(fleetOf(6)), ports, cause);
    const [first] = told();
    clock.pass(119_000);
    const still = await lookAround(looksAt(fleetOf(1)), ports, cause);
    expect((await still(service!)).storm).toBe(WORDS);
    expect(told()).toEqual([]);
    clock.pass(1_000);
    const after = await lookAround(looksAt(fleetOf(1)), ports, cause);
    expect((await after(service!)).storm).toBeUndefined();
    expect(told()).toEqual([first]);
  });

  it('holds nothing while a person has opened the guard, and closes the storm that there is', async () => {
    const { ports, told } = setUp();
    await lookAround(looksAt(fleetOf(6)), ports, cause);
    await stores.fleet.saveControl({ restartsOn: true, stormGuard: false }, signal);
    told();
    const around = await lookAround(looksAt(fleetOf(6)), ports, cause);
    expect(await around(service!)).toMatchObject({ stormGuard: false, storm: undefined });
    expect((await stores.storms.read(signal)).storms).toMatchObject([{ endedAt: START }]);
    expect(told()).toHaveLength(1);
    await stores.fleet.saveControl({ restartsOn: true, stormGuard: true }, signal);
    await lookAround(looksAt(fleetOf(6)), ports, cause);
    expect((await stores.storms.read(signal)).storms).toMatchObject([{ endedAt: START }, { openedAt: START }]);
  });

  it('asks for the dependencies of the service that is meant', async () => {
    const { ports } = setUp();
    const dependencies = async ({ id }: { id: string }) => [{ service: `${id}-db`, essential: true, isDown: true }];
    const around = await lookAround(noLooks, ports, cause, { dependencies });
    expect((await around(service!)).dependencies).toEqual([{ service: 's0-db', essential: true, isDown: true }]);
  });

  it('fails when the storms cannot be noted, so that nothing is restarted into one', async () => {
    const storms = { ...stores.storms, save: async () => false };
    await expect(lookAround(looksAt(fleetOf(6)), setUp({ storms }).ports, cause)).rejects.toThrow('changed 10 times');
  });
});

describe('looking at what is noted', () => {
  it('knows the storms, the switches and the dependencies, and reads no shard', async () => {
    const { ports, clock } = setUp();
    await lookAround(looksAt(fleetOf(6)), ports, cause);
    await stores.fleet.saveControl({ restartsOn: false }, signal);
    const { storms, stormRules } = ports;
    const noted = { storms, stormRules, clock, fleet: { control: stores.fleet.control } };
    expect(await (await asNoted(noted, signal))(service!)).toEqual({
      restartsOn: false,
      storm: WORDS,
      dependencies: [],
    });
    await stores.fleet.saveControl({ restartsOn: true, stormGuard: false }, signal);
    expect(await (await asNoted(noted, signal))(service!)).toMatchObject({ storm: undefined });
    clock.pass(120_000);
    await stores.fleet.saveControl({ restartsOn: true }, signal);
    expect((await (await asNoted(noted, signal))(service!)).storm).toBeUndefined();
  });
});
