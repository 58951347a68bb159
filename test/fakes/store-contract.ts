// What the ports promise of the stores, as tests: run against the embedded engine and against the fakes alike, so that
// whatever is proved with the fakes holds for the table.
import { beforeEach, describe, expect, it } from 'vitest';

import type { Target } from '../../lambdas/contract/messages.ts';
import type { Network } from '../../lambdas/contract/networks.ts';
import { noWindows, type Windows } from '../../lambdas/core/alerts/group.ts';
import { mostInGroup } from '../../lambdas/core/alerts/group-notice.ts';
import type { Drift } from '../../lambdas/core/discovery/drift.ts';
import { noStorms } from '../../lambdas/core/health/storm.ts';
import type { AuditEntry } from '../../lambdas/core/model/audit.ts';
import { freshState, type State } from '../../lambdas/core/model/state.ts';
import type { TimelineRecord } from '../../lambdas/core/model/timeline.ts';
import type { Roll } from '../../lambdas/core/numbers/roll.ts';
import type { HourEntries } from '../../lambdas/core/numbers/roll-hour.ts';
import { noSlots } from '../../lambdas/core/restart/restart-slots.ts';
import type { PackedRow } from '../../lambdas/core/rounds/packed-row.ts';
import { shardOf } from '../../lambdas/core/values/hash.ts';
import type { Place } from '../../lambdas/core/values/place.ts';
import type { RollupSubject } from '../../lambdas/ports/rollup-store.ts';
import type { ServiceKey } from '../../lambdas/ports/service-store.ts';
import type { Stores } from './fake-stores.ts';
import { registration } from './registrations.ts';

const { signal } = new AbortController();
const NOW = 1_800_000_000_000;
const SHARDS = 4;
const key = { tenant: 'default', id: 'billing' };
const shard = shardOf(key.tenant, key.id, SHARDS);
const other = registration({ id: 'ledger' });
const downOnce = (state: State): State => ({ ...state, downs: 1, lastBeat: NOW });

/** `open` gives empty stores of four shards. */
export function describeStores(name: string, open: (shards: number) => Promise<Stores>): void {
  let stores: Stores;
  beforeEach(async () => void (stores = await open(SHARDS)));
  const register = (document = registration()) => stores.services.register(document, freshState(NOW), NOW, signal);
  const stored = async () => (await stores.services.read(key, signal))!;

  describe(`the service store (${name})`, () => {
    it('gives back what was registered, with every setting settled', async () => {
      expect(await register()).toEqual({ outcome: 'created', before: undefined });
      const found = await stored();
      expect(found).toMatchObject({ document: registration(), state: freshState(NOW), version: 0, registeredAt: NOW });
      expect(found.service.policy.failureThreshold).toBe(3);
      expect(found.heartbeatAt).toBeUndefined();
    });

    it('knows nothing of a service that was never registered', async () => {
      expect(await stores.services.read(key, signal)).toBeUndefined();
      expect(await stores.services.remove(key, signal)).toEqual({
        ...{ isRemoved: false, before: undefined, state: undefined },
      });
      expect(await stores.services.heartbeat(key, NOW, signal)).toBe(false);
      expect(await stores.services.read(key, signal)).toBeUndefined();
    });

    it('writes a state once per version: who read before somebody else wrote is refused', async () => {
      await register();
      const [first, second] = [await stored(), await stored()];
      expect(await stores.services.saveState(first, downOnce(first.state), signal)).toBe(true);
      expect(await stores.services.saveState(second, { ...second.state, downs: 9 }, signal)).toBe(false);
      expect(await stored()).toMatchObject({ version: 1, state: { downs: 1 } });
    });

    it('lets one of two who write at the same time win', async () => {
      await register();
      const read = await stored();
      const writes = [1, 2].map((downs) => stores.services.saveState(read, { ...read.state, downs }, signal));
      expect((await Promise.all(writes)).sort()).toEqual([false, true]);
      expect((await stored()).version).toBe(1);
    });

    it('writes no state of a service that was removed meanwhile', async () => {
      await register();
      const read = await stored();
      expect(await stores.services.remove(key, signal)).toEqual({
        ...{ isRemoved: true, before: registration(), state: read.state },
      });
      expect(await stores.services.saveState(read, read.state, signal)).toBe(false);
      expect(await stores.services.read(key, signal)).toBeUndefined();
    });

    it('replaces the document of a service that exists and keeps its state and its age', async () => {
      await register();
      const read = await stored();
      await stores.services.saveState(read, downOnce(read.state), signal);
      const changed = registration({ policy: { failureThreshold: 7 } });
      expect(await stores.services.register(changed, freshState(NOW + 5), NOW + 5, signal)).toEqual({
        outcome: 'replaced',
        before: registration(),
      });
      const found = await stored();
      expect(found).toMatchObject({ state: { downs: 1 }, version: 2, registeredAt: NOW });
      expect(found.service.policy.failureThreshold).toBe(7);
    });

    it('notes a heartbeat beside the state, so that neither is in the way of the other', async () => {
      await register();
      const read = await stored();
      expect(await stores.services.heartbeat(key, NOW + 1, signal)).toBe(true);
      expect(await stores.services.saveState(read, downOnce(read.state), signal)).toBe(true);
      expect(await stored()).toMatchObject({ heartbeatAt: NOW + 1, version: 1, state: { downs: 1 } });
    });

    it('reads a shard with its own services and no others', async () => {
      await register();
      await register(other);
      const shards = await Promise.all([0, 1, 2, 3].map((n) => stores.services.readShard(n, signal)));
      expect(shards.map(({ services }) => services.length).reduce((a, b) => a + b)).toBe(2);
      expect(shards[shard]?.services.map(({ service }) => service.id)).toContain('billing');
      expect(shards.every(({ faults }) => faults === 0)).toBe(true);
    });

    it('tells the same id in two tenants apart', async () => {
      await register();
      await register(registration({ tenant: 'other', name: 'Other' }));
      expect((await stored()).service.name).toBe('billing');
      expect((await stores.services.read({ ...key, tenant: 'other' }, signal))?.service.name).toBe('Other');
    });
  });

  describe(`the index of targets (${name})`, () => {
    const prod = ['ecs#prod#billing', 'ec2#i-0abc'] as const;
    const [service, instance] = prod;
    const found = (target: Target) => stores.targets.services(target, signal);

    it('finds no service for what nobody names', async () => {
      expect(await found(service)).toEqual([]);
      await stores.targets.unpoint(key, prod, signal);
      expect(await found(service)).toEqual([]);
    });

    it('finds every service that names a target, once however often it was noted', async () => {
      const elsewhere = { tenant: 'other', id: 'billing' };
      await stores.targets.point(key, prod, signal);
      await stores.targets.point(key, [instance], signal);
      await stores.targets.point(elsewhere, [instance], signal);
      expect(await found(instance)).toEqual([key, elsewhere]);
      expect(await found(service)).toEqual([key]);
    });

    it('forgets one service and one target at a time', async () => {
      await stores.targets.point(key, prod, signal);
      await stores.targets.point({ ...key, id: 'ledger' }, prod, signal);
      await stores.targets.unpoint(key, [instance], signal);
      expect(await found(instance)).toEqual([{ ...key, id: 'ledger' }]);
      expect(await found(service)).toEqual([key, { ...key, id: 'ledger' }]);
    });
  });

  describe(`the fleet store (${name})`, () => {
    const counts = () => stores.fleet.counts(signal);
    const expectService = (interval: number) => stores.fleet.expectService(3, interval, signal);

    it('lets restarts happen until somebody switches them off', async () => {
      expect(await stores.fleet.control(signal)).toEqual({ restartsOn: true });
      await stores.fleet.saveControl({ restartsOn: false, changedBy: 'ann', reason: 'move', changedAt: NOW }, signal);
      expect(await stores.fleet.control(signal)).toEqual({
        restartsOn: false,
        changedBy: 'ann',
        reason: 'move',
        changedAt: NOW,
      });
      expect(await counts()).toEqual([]);
    });

    it('packs a shard from its first service on, and as often as its fastest service needs', async () => {
      await expectService(60);
      const fresh = { shard: 3, services: 1, privateServices: 0, unhealthy: 0 };
      expect(await counts()).toEqual([{ ...fresh, fastestSeconds: 60, version: 1 }]);
      await expectService(10);
      expect(await counts()).toMatchObject([{ services: 1, fastestSeconds: 10, version: 2 }]);
      await expectService(300);
      expect(await counts()).toMatchObject([{ services: 1, fastestSeconds: 10, version: 3 }]);
    });

    it('lets no count be corrected that was read before a service was announced', async () => {
      await expectService(60);
      const [known] = await counts();
      await expectService(60);
      await stores.fleet.correctCount(known!, { ...known!, services: 0, fastestSeconds: 3_600 }, signal);
      expect(await counts()).toMatchObject([{ services: 1, fastestSeconds: 60 }]);
    });

    it('loses none of several services that are registered at once', async () => {
      await Promise.all([60, 10, 300, 30].map(expectService));
      expect(await counts()).toMatchObject([{ services: 1, fastestSeconds: 10 }]);
    });

    it('forgets how fast a shard was when it has become empty', async () => {
      await expectService(10);
      const [known] = await counts();
      await stores.fleet.correctCount(known!, { ...known!, services: 0, fastestSeconds: 3_600 }, signal);
      await expectService(120);
      expect(await counts()).toMatchObject([{ services: 1, fastestSeconds: 120, version: 3 }]);
    });

    it('keeps the unhealthy it knows of when a faster service comes', async () => {
      await expectService(60);
      const [known] = await counts();
      await stores.fleet.correctCount(known!, { ...known!, services: 5, unhealthy: 2 }, signal);
      await expectService(10);
      expect(await counts()).toMatchObject([{ services: 5, unhealthy: 2, fastestSeconds: 10 }]);
    });

    it('packs a shard for the prober of each network that a service was announced for', async () => {
      const announce = (network: Network, interval = 60) => stores.fleet.expectService(3, interval, signal, network);
      await announce('private');
      expect(await counts()).toMatchObject([{ services: 1, privateServices: 1, fastestSeconds: 60, version: 1 }]);
      await announce('private', 300);
      expect(await counts()).toMatchObject([{ services: 1, privateServices: 1, fastestSeconds: 60, version: 2 }]);
      await announce('public', 30);
      expect(await counts()).toMatchObject([{ services: 2, privateServices: 1, fastestSeconds: 30, version: 3 }]);
      await announce('public');
      expect(await counts()).toMatchObject([{ services: 2, privateServices: 1, fastestSeconds: 30, version: 4 }]);
    });

    it('packs a shard for the prober beside ECS, and counts its services with the others', async () => {
      const announce = (network: Network) => stores.fleet.expectService(3, 60, signal, network);
      await announce('ecs');
      expect(await counts()).toMatchObject([{ services: 1, privateServices: 0, ecsServices: 1, version: 1 }]);
      for (const network of ['ecs', 'public', 'private', 'public', 'private', 'ecs'] as const) await announce(network);
      expect(await counts()).toMatchObject([{ services: 3, privateServices: 1, ecsServices: 1, version: 7 }]);
    });

    it('packs for the prober inside a shard that held only public services so far', async () => {
      await expectService(60);
      await stores.fleet.expectService(3, 60, signal, 'private');
      expect(await counts()).toMatchObject([{ services: 2, privateServices: 1, version: 2 }]);
    });

    it('corrects the private services of a shard with the others, and keeps them when a service is announced', async () => {
      await expectService(60);
      const [known] = await counts();
      await stores.fleet.correctCount(known!, { ...known!, services: 5, privateServices: 3 }, signal);
      await expectService(10);
      expect(await counts()).toMatchObject([{ services: 5, privateServices: 3, fastestSeconds: 10, version: 3 }]);
    });

    it('keeps the census of a shard with its counts, and when a service is announced', async () => {
      await expectService(60);
      const [known] = await counts();
      const census = { census: 'mark', groups: { fleet: { services: 1, failing: 1 } } };
      await stores.fleet.correctCount(known!, { ...known!, ...census }, signal);
      expect(await counts()).toMatchObject([census]);
      await expectService(60);
      await expectService(10);
      expect(await counts()).toMatchObject([{ ...census, fastestSeconds: 10 }]);
    });

    it('is seen as a whole: shards, storms and slots, and nothing else that stands beside them', async () => {
      expect(await stores.fleet.overview(signal)).toEqual({ counts: [], storms: noStorms, slots: noSlots });
      await expectService(60);
      await stores.fleet.saveControl({ restartsOn: true }, signal);
      await stores.storms.save({ version: 1, storms: [] }, signal);
      await stores.fleet.takeSlot({ restartId: 'r1', ...key, until: NOW + 1 }, 1, NOW, signal);
      expect(await stores.fleet.overview(signal)).toEqual({
        counts: await counts(),
        storms: { version: 1, storms: [] },
        slots: await stores.fleet.slots(signal),
      });
      expect((await counts()).map(({ shard }) => shard)).toEqual([3]);
    });

    it('gives out slots, as many as there are, and takes them back', async () => {
      const take = (restartId: string, most = 2, now = NOW) =>
        stores.fleet.takeSlot({ restartId, ...key, until: now + 1_000 }, most, now, signal);
      const ids = async () => (await stores.fleet.slots(signal)).taken.map(({ restartId }) => restartId);
      expect(await stores.fleet.slots(signal)).toEqual(noSlots);
      expect([await take('r1'), await take('r2'), await take('r3'), await take('r1')]).toEqual([
        true,
        true,
        false,
        true,
      ]);
      await stores.fleet.freeSlots(['r1', 'r9'], signal);
      await stores.fleet.freeSlots(['r9'], signal);
      expect(await ids()).toEqual(['r2']);
      expect([await take('r3'), await take('r4'), await take('r5', Infinity)]).toEqual([true, false, true]);
      expect(await take('r6', 2, NOW + 1_000)).toBe(true);
      expect(await ids()).toEqual(['r6']);
    });

    it('gives one slot to one of many who want it at once', async () => {
      const take = (restartId: string) =>
        stores.fleet.takeSlot({ restartId, ...key, until: NOW + 1_000 }, 1, NOW, signal);
      expect((await Promise.all(['a', 'b', 'c', 'd'].map(take))).filter(Boolean)).toHaveLength(1);
    });

    it('gives the count of one shard as it stands, and none of a shard that never held a service', async () => {
      await expectService(60);
      const [known] = await counts();
      expect(await stores.fleet.count(known!.shard, signal)).toEqual(known);
      expect(await stores.fleet.count(known!.shard + 1, signal)).toBeUndefined();
    });

    it('corrects a count only if nobody changed it meanwhile', async () => {
      await expectService(60);
      const [known] = await counts();
      await expectService(10);
      await stores.fleet.correctCount(known!, { ...known!, services: 0 }, signal);
      expect(await counts()).toMatchObject([{ services: 1, fastestSeconds: 10, version: 2 }]);
      const [newer] = await counts();
      await stores.fleet.correctCount(newer!, { ...newer!, services: 7 }, signal);
      expect(await counts()).toMatchObject([{ services: 7, fastestSeconds: 10, version: 3 }]);
    });
  });

  describe(`the storms (${name})`, () => {
    const storm = { id: 's1', group: 'fleet', services: 20, failing: 12, openedAt: NOW, lastSeenAt: NOW };
    const whole = { ...storm, id: 's2', claimedUntil: NOW + 1, toldAt: NOW + 2, endedAt: NOW + 3 };

    it('are none until somebody sees one, and then as they were written', async () => {
      expect(await stores.storms.read(signal)).toEqual(noStorms);
      expect(await stores.storms.save({ version: 1, storms: [storm, whole] }, signal)).toBe(true);
      expect(await stores.storms.read(signal)).toEqual({ version: 1, storms: [storm, whole] });
      expect(await stores.storms.save({ version: 2, storms: [] }, signal)).toBe(true);
      expect(await stores.storms.read(signal)).toEqual({ version: 2, storms: [] });
    });

    it('are written by one of two who read the same', async () => {
      const save = (version: number) => stores.storms.save({ version, storms: [storm] }, signal);
      expect([await save(1), await save(1), await save(3), await save(2)]).toEqual([true, false, false, true]);
      expect(await stores.storms.read(signal)).toEqual({ version: 2, storms: [storm] });
    });
  });

  describe(`the roll-ups (${name})`, () => {
    const HOUR = 3_600_000;
    const roll = (failures: number): Roll => ({
      ...{
        counts: { failures },
        latencies: [
          [-1, 2],
          [7, 1],
        ],
        healths: { healthy: 1 },
      },
      restarted: { 'default#billing': { ended: 1, lasting: 1 } },
    });
    const subjects = [
      { kind: 'fleet' },
      { kind: 'project', tenant: 'default', project: 'erp #1' },
      { kind: 'service', ...key },
    ] as const satisfies RollupSubject[];
    const save = (subject: RollupSubject, unit: 'HOUR' | 'DAY', hours: number, failures = 1) =>
      stores.rollups.save(subject, unit, NOW + hours * HOUR, roll(failures), NOW + HOUR, signal);
    const stretch = (from: number, before: number) => ({ from: NOW + from * HOUR, before: NOW + before * HOUR });
    const failures = async (subject: RollupSubject, unit: 'HOUR' | 'DAY', from: number, before: number) =>
      (await stores.rollups.rolls(subject, unit, stretch(from, before), signal)).map(
        ({ counts }) => counts['failures'],
      );

    it('are given back as they were, oldest first, one for two writes, from the first up to and without the last', async () => {
      for (const subject of subjects) {
        for (const hour of [2, 0, 1, 3]) await save(subject, 'HOUR', hour, 9);
        for (const hour of [2, 0, 1, 3]) await save(subject, 'HOUR', hour, hour);
        await save(subject, 'DAY', 1, 24);
        expect(await failures(subject, 'HOUR', 1, 3)).toEqual([1, 2]);
        expect(await failures(subject, 'DAY', 0, 9)).toEqual([24]);
      }
      expect(await stores.rollups.rolls(subjects[0], 'DAY', stretch(0, 9), signal)).toEqual([roll(24)]);
    });

    it('of one are not those of another', async () => {
      await save({ kind: 'project', tenant: 'other', project: 'erp' }, 'HOUR', 0);
      await save({ kind: 'service', tenant: 'other', id: 'billing' }, 'HOUR', 0);
      for (const subject of subjects) expect(await failures(subject, 'HOUR', 0, 9)).toEqual([]);
    });

    it('of a shard are its hours, oldest first, and of one service where one is asked for', async () => {
      const entry = (n: number) => ({ project: 'erp', roll: roll(n), carry: { health: 'healthy' as const } });
      const saveHour = (of: number, hour: number, entries: HourEntries) =>
        stores.rollups.saveHour(of, NOW + hour * HOUR, entries, NOW + HOUR, signal);
      await saveHour(1, 1, { 'default#billing': entry(1), 'default#ledger': entry(2) });
      await saveHour(1, 0, { 'default#ledger': entry(8) });
      await saveHour(1, 0, { 'default#ledger': entry(3) });
      await saveHour(1, 2, { 'default#billing': entry(4) });
      await saveHour(2, 0, { 'default#other': entry(5) });
      expect(await stores.rollups.hours(1, stretch(0, 2), signal)).toEqual([
        { hour: NOW, entries: { 'default#ledger': entry(3) } },
        { hour: NOW + HOUR, entries: { 'default#billing': entry(1), 'default#ledger': entry(2) } },
      ]);
      expect(await stores.rollups.hours(1, stretch(0, 9), signal, 'default#billing')).toEqual([
        { hour: NOW + HOUR, entries: { 'default#billing': entry(1) } },
        { hour: NOW + 2 * HOUR, entries: { 'default#billing': entry(4) } },
      ]);
    });

    it('say how far they have come, and never go back', async () => {
      expect(await stores.rollups.progress(signal)).toBeUndefined();
      for (const [hours, days] of [
        [5, 0],
        [4, 0],
        [6, 1],
        [7, 0],
      ] as const)
        await stores.rollups.advance({ hours, days }, signal);
      expect(await stores.rollups.progress(signal)).toEqual({ hours: 6, days: 1 });
    });
  });

  describe(`the alerts that wait (${name})`, () => {
    const place = { tenant: 'default', project: 'erp' };
    const window = { id: 'w1', since: NOW, until: NOW + 60_000, held: {} };
    const first: Windows = { ...noWindows, version: 1, group: window };
    const entry = (key: string, windowId = 'w1') =>
      ({ kind: 'group', windowId, key, document: `{"${key}":1}` }) as const;
    const heldOf = async () => (await stores.windows.read(place, signal)).group?.held;

    it('are none until one is collected, and then as they were written', async () => {
      expect(await stores.windows.read(place, signal)).toEqual(noWindows);
      const leaving = { ...window, openedBy: 'a', lookAt: NOW, claimedUntil: NOW, held: { 'inc-1:x': '{}' } };
      const whole = { ...first, quiet: { ...window, id: 'w2' }, leaving, recent: ['b'], groups: 2, alerts: 3 };
      expect(await stores.windows.save(place, whole, signal)).toBe(true);
      expect(await stores.windows.read(place, signal)).toEqual(whole);
      expect(await stores.windows.read({ ...place, project: null }, signal)).toEqual(noWindows);
    });

    it('are written by one of two who read the same', async () => {
      const save = (version: number) => stores.windows.save(place, { ...first, version }, signal);
      expect([await save(1), await save(1), await save(3), await save(2)]).toEqual([true, false, false, true]);
    });

    it('take one in under its key, twice as once, and whoever has not seen it writes no more', async () => {
      await stores.windows.save(place, first, signal);
      expect(await stores.windows.add(place, entry('inc-1:unhealthy'), signal)).toBe(true);
      expect(await stores.windows.add(place, entry('inc-1:unhealthy'), signal)).toBe(true);
      expect(await heldOf()).toEqual({ 'inc-1:unhealthy': '{"inc-1:unhealthy":1}' });
      expect(await stores.windows.save(place, { ...first, version: 2 }, signal)).toBe(false);
      expect(await stores.windows.save(place, { ...first, version: 4 }, signal)).toBe(true);
    });

    it('take in none where that window is not any more, or there is no room', async () => {
      expect(await stores.windows.add(place, entry('a'), signal)).toBe(false);
      const held = Object.fromEntries(Array.from({ length: mostInGroup }, (_, at) => [`k${at}`, '{}']));
      await stores.windows.save(place, { ...first, group: { ...window, held } }, signal);
      expect(await stores.windows.add(place, entry('a', 'w0'), signal)).toBe(false);
      expect(await stores.windows.add(place, entry('a'), signal)).toBe(false);
      expect(await stores.windows.add(place, entry('k0'), signal)).toBe(true);
    });

    it('are seen of all places', async () => {
      await stores.windows.save(place, first, signal);
      await stores.windows.save({ tenant: 'other', project: null }, first, signal);
      const all = await stores.windows.all(signal);
      expect(all.map((one) => one.place)).toEqual(expect.arrayContaining([place, { tenant: 'other', project: null }]));
      expect(all.map(({ windows }) => windows)).toEqual([first, first]);
    });
  });

  describe(`the result store (${name})`, () => {
    const row = (beat: number, results = Uint8Array.of(1, 2, 3), of = 1, network: Network = 'public'): PackedRow => ({
      shard: of,
      network,
      beat,
      startedAt: beat + 5,
      finishedAt: beat + 900,
      due: 3,
      checked: 2,
      results,
    });
    const save = (...rows: PackedRow[]) =>
      Promise.all(rows.map((each) => stores.results.saveRow(each, NOW + 1, signal)));

    it('gives a row back as it was, and one row for two writes of the same beat', async () => {
      await save(row(NOW, Uint8Array.of(9)));
      await save(row(NOW, Uint8Array.of(0, 255, 7)));
      expect(await stores.results.rows({ shard: 1, network: 'public', limit: 10 }, signal)).toEqual([
        row(NOW, Uint8Array.of(0, 255, 7)),
      ]);
    });

    it('keeps the rows of the two networks apart, though shard and beat are the same', async () => {
      const [outside, inside] = [row(NOW, Uint8Array.of(1)), row(NOW, Uint8Array.of(2), 1, 'private')];
      await save(outside, inside);
      const rows = (network: Network) => stores.results.rows({ shard: 1, network, limit: 10 }, signal);
      expect(await rows('public')).toEqual([outside]);
      expect(await rows('private')).toEqual([inside]);
    });

    it('gives the newest first, from the first beat up to and without the last', async () => {
      await save(row(NOW), row(NOW + 60_000), row(NOW + 120_000), row(NOW + 60_000, Uint8Array.of(), 2));
      const beats = async (range: { from?: number; before?: number; limit: number }) =>
        (await stores.results.rows({ shard: 1, network: 'public', ...range }, signal)).map(({ beat }) => beat - NOW);
      expect(await beats({ limit: 10 })).toEqual([120_000, 60_000, 0]);
      expect(await beats({ from: NOW, before: NOW, limit: 10 })).toEqual([]);
      expect(await beats({ limit: 2 })).toEqual([120_000, 60_000]);
      expect(await beats({ from: NOW + 60_000, limit: 10 })).toEqual([120_000, 60_000]);
      expect(await beats({ before: NOW + 120_000, limit: 10 })).toEqual([60_000, 0]);
      expect(await beats({ from: NOW, before: NOW + 60_000, limit: 10 })).toEqual([0]);
    });
  });

  describe(`the timeline (${name})`, () => {
    const record = (at: number, intentId: string, more: Partial<TimelineRecord> = {}): TimelineRecord => ({
      ...{ kind: 'unhealthy', level: 'error', message: 'it is down', action: 'none' },
      ...{ at, intentId, ...key },
      ...more,
    });
    const append = async (...records: TimelineRecord[]) => {
      for (const each of records) await stores.timeline.append(each, NOW + 1, signal);
    };
    const events = ({ limit, before }: { limit: number; before?: number }) =>
      stores.timeline.events(key, { limit, before: before === undefined ? undefined : { at: before } }, signal);

    it('keeps one of a record that is written twice, and both of two at the same time', async () => {
      const whole = record(NOW, 'i1', { details: { by: 'ann', step: 1 }, incidentId: 'inc-1', project: 'erp' });
      await append(whole, whole, record(NOW, 'i2'));
      expect(await events({ limit: 10 })).toEqual([record(NOW, 'i2'), whole]);
    });

    it('gives all that happened in the fleet in a stretch of time, oldest first, from its beginning and without its end', async () => {
      const elsewhere = record(NOW + 1, 'i9', { id: 'ledger' });
      await append(record(NOW + 2, 'i3'), record(NOW - 1, 'i0'), record(NOW, 'i2'), record(NOW, 'i1'), elsewhere);
      await append(record(NOW + 3, 'i4'));
      const found = await stores.timeline.fleetBetween({ from: NOW, before: NOW + 3 }, signal);
      expect(found.map(({ intentId }) => intentId)).toEqual(['i1', 'i2', 'i9', 'i3']);
    });

    it('gives the newest first, as many as asked for, before a time without it', async () => {
      await append(record(NOW, 'i1'), record(NOW + 2, 'i3'), record(NOW + 1, 'i2'));
      const ids = async (page: { limit: number; before?: number }) =>
        (await events(page)).map(({ intentId }) => intentId);
      expect(await ids({ limit: 2 })).toEqual(['i3', 'i2']);
      expect(await ids({ limit: 10, before: NOW + 2 })).toEqual(['i2', 'i1']);
      expect(await ids({ limit: 1, before: NOW + 2 })).toEqual(['i2']);
      expect(await ids({ limit: 10, before: NOW })).toEqual([]);
    });

    it('goes on behind a place in the middle of a moment, and loses nothing of it', async () => {
      await append(...['i1', 'i2', 'i3'].map((id) => record(NOW, id)), record(NOW - 1, 'i9'), record(NOW + 1, 'i0'));
      const ids = async (id: string | undefined, limit = 10) =>
        (await stores.timeline.events(key, { limit, before: { at: NOW, id } }, signal)).map(({ intentId }) => intentId);
      expect(await ids('i3')).toEqual(['i2', 'i1', 'i9']);
      expect(await ids('i2', 1)).toEqual(['i1']);
      expect(await ids('i2', 2)).toEqual(['i1', 'i9']);
      expect(await ids('i1')).toEqual(['i9']);
      expect(await ids(undefined)).toEqual(['i9']);
      // The place need not be there any more.
      expect(await ids('i25')).toEqual(['i2', 'i1', 'i9']);
    });

    it('gives what happened since a time, that moment included', async () => {
      await append(record(NOW, 'i1'), record(NOW + 1, 'i2'), record(NOW + 2, 'i3'));
      const found = await stores.timeline.events(key, { limit: 10, from: NOW + 1 }, signal);
      expect(found.map(({ intentId }) => intentId)).toEqual(['i3', 'i2']);
      const between = { limit: 10, from: NOW + 1, before: { at: NOW + 2 } };
      expect(await stores.timeline.events(key, between, signal)).toMatchObject([{ intentId: 'i2' }]);
    });

    it('has the records of all services together, a day at a time, each once', async () => {
      const day = Math.floor(NOW / 86_400_000) * 86_400_000;
      const [theirs, ours] = [{ id: 'ledger', tenant: 'acme' }, { project: 'erp' }];
      await append(record(NOW, 'i1', ours), record(NOW, 'i1', ours), record(NOW, 'i1', theirs), record(NOW + 5, 'i2'));
      await append(record(day - 1, 'i3'), record(day, 'i4'), record(day + 86_400_000, 'i5'));
      const read = async (page: { from?: number; before?: Place; limit?: number; day?: number } = {}) => {
        const whole = { day, from: 0, before: { at: day + 86_400_000 }, limit: 10, ...page };
        return (await stores.timeline.fleetDay(whole, signal)).map(({ id, intentId }) => `${id} ${intentId}`);
      };
      expect(await read()).toEqual(['billing i2', 'billing i1', 'ledger i1', 'billing i4']);
      expect(await read({ limit: 2 })).toEqual(['billing i2', 'billing i1']);
      expect(await read({ from: NOW })).toEqual(['billing i2', 'billing i1', 'ledger i1']);
      expect(await read({ before: { at: NOW, id: 'default:billing:i1' } })).toEqual(['ledger i1', 'billing i4']);
      expect(await read({ before: { at: NOW } })).toEqual(['billing i4']);
      expect(await read({ day: day - 86_400_000 })).toEqual(['billing i3']);
      expect((await stores.timeline.fleetDay({ day, from: 0, before: { at: NOW + 1 }, limit: 1 }, signal))[0]).toEqual(
        record(NOW, 'i1', ours),
      );
    });

    it('keeps the history of ended restarts, and nothing else in it', async () => {
      await append(
        record(NOW, 'i1', { kind: 'restart_ordered' }),
        record(NOW + 1, 'i2', { kind: 'restart_failed' }),
        record(NOW + 2, 'i3', { kind: 'restart_completed' }),
        record(NOW + 3, 'i4', { kind: 'restart_cancelled' }),
        record(NOW + 4, 'i5', { kind: 'recovered' }),
      );
      const kinds = async (limit: number) =>
        (await stores.timeline.restarts(key, { limit }, signal)).map(({ kind }) => kind);
      expect(await kinds(10)).toEqual(['restart_cancelled', 'restart_completed', 'restart_failed']);
      expect(await kinds(1)).toEqual(['restart_cancelled']);
      expect(await events({ limit: 10 })).toHaveLength(5);
    });

    it('keeps the services apart', async () => {
      await append(record(NOW, 'i1'), record(NOW, 'i1', { id: 'billing-2' }));
      expect(await events({ limit: 10 })).toEqual([record(NOW, 'i1')]);
    });
  });

  describe(`the audit (${name})`, () => {
    const entry = (at: number, entryId: string, more: Partial<AuditEntry> = {}): AuditEntry => ({
      ...{ at, entryId, action: 'service.put', ...key, caller: 'ada', correlationId: 'c-1', outcome: 'accepted' },
      ...more,
    });
    const write = async (...entries: AuditEntry[]) => {
      for (const each of entries) await stores.audit.write(each, signal);
    };
    const read = (page: { limit: number; before?: Place }, of: ServiceKey | undefined = key) =>
      stores.audit.entries(of, page, signal);
    const all = { limit: 10 };

    it('gives an entry back as it was, and one for two writes of it', async () => {
      const whole = entry(NOW, 'r1', { user: 'ann', reason: 'why', changed: ['name'], changedCount: 1 });
      await write(whole, whole, entry(NOW, 'r2', { user: undefined }));
      expect(await read(all)).toEqual([entry(NOW, 'r2'), whole]);
    });

    it('completes what was asked, under the same key', async () => {
      await write(entry(NOW, 'r1', { outcome: 'asked' }));
      expect(await read(all)).toMatchObject([{ outcome: 'asked' }]);
      await write(entry(NOW, 'r1', { outcome: 'RESTART_001' }));
      expect(await read(all)).toMatchObject([{ outcome: 'RESTART_001' }]);
    });

    it('never goes back to asked, however late that comes', async () => {
      await write(entry(NOW, 'r1'), entry(NOW, 'r1', { outcome: 'asked' }));
      expect(await read(all)).toEqual([entry(NOW, 'r1')]);
    });

    it('gives the newest first, and goes on behind a place in the middle of a moment', async () => {
      await write(...['r1', 'r2', 'r3'].map((id) => entry(NOW, id)), entry(NOW + 1, 'r0'), entry(NOW - 1, 'r9'));
      const ids = async (before?: Place, limit = 10) =>
        (await read({ limit, ...(before && { before }) })).map(({ entryId }) => entryId);
      expect(await ids()).toEqual(['r0', 'r3', 'r2', 'r1', 'r9']);
      expect(await ids(undefined, 2)).toEqual(['r0', 'r3']);
      expect(await ids({ at: NOW, id: 'r3' }, 2)).toEqual(['r2', 'r1']);
      expect(await ids({ at: NOW, id: 'r1' }, 2)).toEqual(['r9']);
      expect(await ids({ at: NOW })).toEqual(['r9']);
      expect(await ids({ at: 0 })).toEqual([]);
    });

    it('keeps services, tenants and the fleet apart', async () => {
      const [other, theirs] = [
        { ...key, id: 'billing-2' },
        { ...key, tenant: 'acme' },
      ];
      await write(entry(NOW, 'r1'), entry(NOW, 'r2', other), entry(NOW, 'r3', theirs));
      const fleet = entry(NOW, 'r4', { action: 'fleet.switched', tenant: undefined, id: undefined });
      await write(fleet);
      expect(await read(all)).toEqual([entry(NOW, 'r1')]);
      expect(await read(all, other)).toEqual([entry(NOW, 'r2', other)]);
      expect(await read(all, theirs)).toEqual([entry(NOW, 'r3', theirs)]);
      const shown = await stores.audit.entries(undefined, all, signal);
      expect(shown).toMatchObject([{ entryId: 'r4', action: 'fleet.switched' }]);
      expect(shown[0]).not.toHaveProperty('id');
    });
  });

  describe(`the drift (${name})`, () => {
    const entry = { kind: 'gone' as const, cluster: 'prod', service: 'billing', message: 'there is none', since: NOW };
    const drift: Drift = {
      at: NOW,
      clusters: [
        { cluster: 'prod', services: 2 },
        { cluster: 'test', services: 0, fault: 'not found' },
      ],
      entries: [
        { ...entry, ...key },
        { ...entry, kind: 'faulty_tag', tag: 'lamplighter:id' },
      ],
      leftOut: 3,
    };
    const read = () => stores.drift.read(signal);

    it('is nothing until a run has been, and then what the newest one saw', async () => {
      expect(await read()).toBeUndefined();
      await stores.drift.save(drift, signal);
      expect(await read()).toEqual(drift);
      const later = { ...drift, at: NOW + 1, entries: [], leftOut: 0 };
      await stores.drift.save(later, signal);
      expect(await read()).toEqual(later);
      await stores.drift.save(later, signal);
      expect(await read()).toEqual(later);
    });

    it('is not put back by a run that was overtaken, which is no fault', async () => {
      await stores.drift.save(drift, signal);
      await stores.drift.save({ ...drift, at: NOW - 1, entries: [] }, signal);
      expect(await read()).toEqual(drift);
    });

    it('is no shard, though it stands beside them', async () => {
      await stores.drift.save(drift, signal);
      expect(await stores.fleet.counts(signal)).toEqual([]);
    });
  });
}
