// What ports.ts promises of the stores, as tests: run against the embedded engine and against the fakes alike, so that
// whatever is proved with the fakes holds for the table.
import { beforeEach, describe, expect, it } from 'vitest';

import { shardOf } from '../../lambdas/core/hash.ts';
import { freshState, type State } from '../../lambdas/core/state.ts';
import type { TimelineRecord } from '../../lambdas/core/timeline.ts';
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
      expect(await register()).toBe('created');
      const found = await stored();
      expect(found).toMatchObject({ document: registration(), state: freshState(NOW), version: 0, registeredAt: NOW });
      expect(found.service.policy.failureThreshold).toBe(3);
      expect(found.heartbeatAt).toBeUndefined();
    });

    it('knows nothing of a service that was never registered', async () => {
      expect(await stores.services.read(key, signal)).toBeUndefined();
      expect(await stores.services.remove(key, signal)).toBe(false);
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
      expect(await stores.services.remove(key, signal)).toBe(true);
      expect(await stores.services.saveState(read, read.state, signal)).toBe(false);
      expect(await stores.services.read(key, signal)).toBeUndefined();
    });

    it('replaces the document of a service that exists and keeps its state and its age', async () => {
      await register();
      const read = await stored();
      await stores.services.saveState(read, downOnce(read.state), signal);
      const changed = registration({ policy: { failureThreshold: 7 } });
      expect(await stores.services.register(changed, freshState(NOW + 5), NOW + 5, signal)).toBe('replaced');
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
      expect(await counts()).toEqual([{ shard: 3, services: 1, unhealthy: 0, fastestSeconds: 60, version: 1 }]);
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

  describe(`the result store (${name})`, () => {
    const row = (beat: number, results = Uint8Array.of(1, 2, 3), of = 1) => ({
      shard: of,
      beat,
      startedAt: beat + 5,
      finishedAt: beat + 900,
      due: 3,
      checked: 2,
      results,
    });
    const save = (...rows: ReturnType<typeof row>[]) =>
      Promise.all(rows.map((each) => stores.results.saveRow(each, NOW + 1, signal)));

    it('gives a row back as it was, and one row for two writes of the same beat', async () => {
      await save(row(NOW, Uint8Array.of(9)));
      await save(row(NOW, Uint8Array.of(0, 255, 7)));
      expect(await stores.results.rows({ shard: 1, limit: 10 }, signal)).toEqual([row(NOW, Uint8Array.of(0, 255, 7))]);
    });

    it('gives the newest first, from the first beat up to and without the last', async () => {
      await save(row(NOW), row(NOW + 60_000), row(NOW + 120_000), row(NOW + 60_000, Uint8Array.of(), 2));
      const beats = async (range: { from?: number; before?: number; limit: number }) =>
        (await stores.results.rows({ shard: 1, ...range }, signal)).map(({ beat }) => beat - NOW);
      expect(await beats({ limit: 10 })).toEqual([120_000, 60_000, 0]);
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
    const events = (page: { limit: number; before?: number }) => stores.timeline.events(key, page, signal);

    it('keeps one of a record that is written twice, and both of two at the same time', async () => {
      const whole = record(NOW, 'i1', { details: { by: 'ann', step: 1 }, incidentId: 'inc-1', project: 'erp' });
      await append(whole, whole, record(NOW, 'i2'));
      expect(await events({ limit: 10 })).toEqual([record(NOW, 'i2'), whole]);
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
}
