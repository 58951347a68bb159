import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { shardOf } from '../../lambdas/core/values/hash.ts';
import { makeIncident, makeRestart } from '../make/state.ts';
import { ask, register, roundAt, setState, SHARDS, signal, stores } from './api-bench.ts';

const MINUTE = 60_000;
/** In the middle of a minute, where no round comes in between. */
const NOW = Date.UTC(2026, 0, 6, 8, 0, 30);
beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: NOW }));
afterEach(() => void vi.useRealTimers());

const minute = () => Math.floor(Date.now() / MINUTE) * MINUTE;

describe('the fleet', () => {
  it('is empty and switched on at first', async () => {
    expect(await ask('GET /fleet')).toMatchObject({
      status: 200,
      body: {
        ...{ services: 0, restartsUnderWay: 0, openIncidents: 0 },
        byHealth: { pending: 0, healthy: 0, degraded: 0, unhealthy: 0 },
        control: { restartsOn: true, changedAt: null },
      },
    });
  });

  it('is summed up over all shards and tenants', async () => {
    for (const id of ['a', 'b', 'c', 'd', 'e']) await register({ id });
    await register({ id: 'a', tenant: 'acme' });
    await setState('a', { health: 'healthy' });
    await setState('b', { health: 'degraded', incident: makeIncident() });
    await setState('c', { health: 'unhealthy', incident: makeIncident(), restart: makeRestart() });
    await setState('d', { health: 'healthy', restart: makeRestart({ phase: 'completed' }) });
    expect((await ask('GET /fleet')).body).toMatchObject({
      ...{ services: 6, restartsUnderWay: 1, openIncidents: 2 },
      byHealth: { pending: 2, healthy: 2, degraded: 1, unhealthy: 1 },
    });
  });

  it('shows its storms with their group, counts and times', async () => {
    const storm = { id: 's1', group: 'project erp', services: 20, failing: 12, openedAt: NOW, lastSeenAt: NOW + 1_000 };
    await stores.storms.save(
      { version: 1, storms: [storm, { ...storm, id: 's2', toldAt: NOW, endedAt: NOW }] },
      signal,
    );
    const times = { since: new Date(NOW).toISOString(), lastSeenAt: new Date(NOW + 1_000).toISOString() };
    const shown = { group: 'project erp', services: 20, failing: 12, ...times };
    const at = new Date(NOW).toISOString();
    expect((await ask('GET /fleet')).body.storms).toEqual([
      { id: 's1', ...shown, toldAt: null, endedAt: null },
      { id: 's2', ...shown, toldAt: at, endedAt: at },
    ]);
    await stores.storms.save({ version: 2, storms: [] }, signal);
  });

  it('shows the alerts that wait to be told together, and how many were', async () => {
    const window = { id: 'w1', since: NOW, until: NOW + 60_000, held: { a: '{}', b: '{}' } };
    const at = { since: new Date(NOW).toISOString(), until: new Date(NOW + 60_000).toISOString() };
    const windows = { version: 1, recent: [], groups: 2, alerts: 9 };
    await stores.windows.save({ tenant: 't', project: 'erp' }, { ...windows, group: window }, signal);
    const calm = { ...window, held: {} };
    await stores.windows.save({ tenant: 't', project: null }, { ...windows, group: calm, quiet: window }, signal);
    expect((await ask('GET /fleet')).body.grouped).toEqual({
      ...{ messages: 4, alerts: 18 },
      waiting: expect.arrayContaining([
        { tenant: 't', project: 'erp', why: 'group', ...at, alerts: 2 },
        { tenant: 't', project: null, why: 'quiet', ...at, alerts: 2 },
      ]),
    });
    const { waiting } = (await ask('GET /fleet')).body.grouped as { waiting: unknown[] };
    expect(waiting).toHaveLength(2);
  });

  it('shows the restarts under way, who has a slot and who waits for one', async () => {
    for (const id of ['a', 'b', 'c']) await register({ id });
    await setState('a', { restart: makeRestart({ id: 'r-a', phase: 'restarting' }) });
    await setState('b', { restart: makeRestart({ id: 'r-b', waitsFor: 'two are under way' }) });
    await setState('c', { restart: makeRestart({ id: 'r-c', phase: 'failed' }) });
    for (const [id, restartId] of [
      ['a', 'r-a'],
      ['c', 'r-c'],
    ] as const)
      await stores.fleet.takeSlot({ restartId, tenant: 'default', id, until: NOW + MINUTE }, 9, NOW, signal);
    const { body } = await ask('GET /fleet');
    expect(body.restarts.slots).toEqual({ most: 2, taken: 1 });
    expect(body.restarts.underWay).toHaveLength(2);
    expect(body.restarts.underWay).toEqual(
      expect.arrayContaining([
        { tenant: 'default', id: 'a', restartId: 'r-a', phase: 'restarting', hasSlot: true, waitsFor: null },
        {
          tenant: 'default',
          id: 'b',
          restartId: 'r-b',
          phase: 'preparing',
          hasSlot: false,
          waitsFor: 'two are under way',
        },
      ]),
    );
    await stores.fleet.freeSlots(['r-a', 'r-c'], signal);
  });

  it('has its storm guard opened and set again by a person, and left as it is by who does not speak of it', async () => {
    const put = (more: object) => ask('PUT /fleet', { body: { restartsOn: true, user: 'ada', ...more } });
    expect(await put({ stormGuard: false })).toMatchObject({ status: 200, body: { stormGuard: false } });
    await put({});
    expect(await stores.fleet.control(signal)).toMatchObject({ stormGuard: false });
    await put({ stormGuard: true });
    expect((await ask('GET /fleet')).body.control).toMatchObject({ stormGuard: true, restartsOn: true });
    expect(await put({ stormGuard: 'open' })).toMatchObject({ status: 400 });
    expect((await ask('GET /fleet/audit')).body.entries.map(({ action }: { action: string }) => action)).toContain(
      'fleet.switched',
    );
  });

  it('is switched off and on by a person, who is kept with it', async () => {
    const body = { restartsOn: false, user: 'ada', reason: 'maintenance' };
    const off = await ask('PUT /fleet', { body });
    expect(off).toMatchObject({
      status: 200,
      body: { restartsOn: false, changedBy: 'ada (anonymous)', reason: 'maintenance' },
    });
    expect(Date.parse(off.body.changedAt)).toBeLessThanOrEqual(Date.now());
    expect((await ask('GET /fleet')).body.control).toEqual(off.body);
    expect(await stores.fleet.control(signal)).toMatchObject({ restartsOn: false });
    await ask('PUT /fleet', { body: { restartsOn: true, user: 'bob' } });
    expect(await stores.fleet.control(signal)).toMatchObject({ restartsOn: true, changedBy: 'bob (anonymous)' });
  });

  it.each([
    [undefined, ['restartsOn', 'user']],
    [{ restartsOn: 'off', user: 'ada' }, ['restartsOn']],
    [{ restartsOn: false, user: '' }, ['user']],
    [{ restartsOn: false, user: 'ada', reason: 'x'.repeat(501) }, ['reason']],
    [{ restartsOn: false, user: 'ada', until: 'noon' }, ['until']],
  ])('is not switched by %j', async (body, paths) => {
    const answer = await ask('PUT /fleet', { body });
    expect(answer).toMatchObject({ status: 400, body: { error: { code: 'INVALID_REQUEST' } } });
    expect(answer.body.error.details.map(({ path }: { path: string }) => path)).toEqual(paths);
    expect(await stores.fleet.control(signal)).toEqual({ restartsOn: true });
  });

  it('is not switched by what is no JSON', async () => {
    expect(await ask('PUT /fleet', { text: 'off' })).toMatchObject({
      status: 400,
      body: { error: { code: 'INVALID_JSON' } },
    });
  });
});

describe('the health of Lamplighter itself', () => {
  it('is idle while there is nothing to look at', async () => {
    expect(await ask('GET /health')).toMatchObject({
      status: 200,
      body: { status: 'idle', services: 0, lastRoundAt: null, latenessMs: null, coverage: null },
    });
  });

  it('is starting until the first round is done', async () => {
    await register();
    expect(await ask('GET /health')).toMatchObject({ status: 200, body: { status: 'starting', services: 1 } });
  });

  it('is ok while rounds run, with lateness and coverage of the newest', async () => {
    await register();
    await roundAt(minute() - MINUTE, {}, 9_000);
    await roundAt(minute(), {}, 1_200);
    expect(await ask('GET /health')).toMatchObject({
      status: 200,
      body: { status: 'ok', lastRoundAt: new Date(minute()).toISOString(), latenessMs: 1_200, coverage: 1 },
    });
  });

  it('is still ok when one round was left out', async () => {
    await register();
    await roundAt(Date.now() - 2.9 * MINUTE);
    expect(await ask('GET /health')).toMatchObject({ status: 200, body: { status: 'ok' } });
  });

  it('counts no shard that has become empty', async () => {
    await register();
    const home = shardOf('default', 'billing-api', SHARDS);
    const id = ['a', 'b', 'c', 'd', 'e', 'f'].find((one) => shardOf('default', one, SHARDS) !== home) ?? '';
    await register({ id });
    await roundAt(minute() - 30 * MINUTE, { id }, 9_000);
    await roundAt(minute(), {}, 100);
    for (const known of (await stores.fleet.counts(signal)).filter(({ shard }) => shard !== home))
      await stores.fleet.correctCount(known, { ...known, services: 0 }, signal);
    expect((await ask('GET /health')).body).toMatchObject({ status: 'ok', services: 1, latenessMs: 100 });
  });

  describe('with two probers', () => {
    const inside = { kind: 'tcp', host: 'db.internal', port: 5432, network: 'private' } as const;
    const bothIn = async (intervalSeconds = 60) => {
      await register();
      const home = shardOf('default', 'billing-api', SHARDS);
      const id = Array.from({ length: 99 }, (_, n) => `db-${n}`).find(
        (one) => shardOf('default', one, SHARDS) === home,
      )!;
      await register({ id, probe: { ...inside, intervalSeconds } });
      return id;
    };

    it('is ok while both run, counting both', async () => {
      const id = await bothIn();
      await roundAt(minute(), {}, 100);
      await roundAt(minute() - MINUTE, { id }, 900, 'private');
      expect(await ask('GET /health')).toMatchObject({
        status: 200,
        body: {
          ...{ status: 'ok', services: 2, latenessMs: 900 },
          lastRoundAt: new Date(minute() - MINUTE).toISOString(),
        },
      });
    });

    it.each(['public', 'private'] as const)('is 503 when the %s one has stopped', async (network) => {
      const id = await bothIn();
      const other = network === 'public' ? 'private' : 'public';
      await roundAt(minute(), {}, 0, other);
      await roundAt(minute() - 30 * MINUTE, { id }, 0, network);
      const lastRoundAt = new Date(minute() - 30 * MINUTE).toISOString();
      expect(await ask('GET /health')).toMatchObject({ status: 503, body: { status: 'rounds_stopped', lastRoundAt } });
    });

    it('gives the one inside as long as its own services are quiet, in a shard where others are not', async () => {
      const id = await bothIn(3_600);
      await roundAt(minute());
      await roundAt(minute() - 30 * MINUTE, { id }, 0, 'private');
      expect(await ask('GET /health')).toMatchObject({ status: 200, body: { status: 'ok' } });
    });

    it('is starting until both have begun', async () => {
      await bothIn();
      await roundAt(minute());
      expect(await ask('GET /health')).toMatchObject({ status: 200, body: { status: 'starting', lastRoundAt: null } });
    });

    it('asks nothing of the one that has nothing to look at', async () => {
      await register({ probe: inside });
      await roundAt(minute(), {}, 0, 'private');
      expect(await ask('GET /health')).toMatchObject({ status: 200, body: { status: 'ok', services: 1 } });
    });
  });

  it('is 503 when rounds have stopped', async () => {
    await register();
    await roundAt(Date.now() - 3 * MINUTE);
    expect(await ask('GET /health')).toMatchObject({ status: 503, body: { status: 'rounds_stopped', services: 1 } });
  });
});

describe('what Lamplighter says of itself', () => {
  it('is its version and build', async () => {
    expect(await ask('GET /info')).toMatchObject({
      status: 200,
      body: { name: 'lamplighter', version: '9.8.7', commit: 'abc123', builtAt: '2026-01-05T08:00:00Z' },
    });
  });

  it('is 404 for a route that there is not', async () => {
    expect(await ask('GET /nothing')).toMatchObject({
      status: 404,
      body: { error: { code: 'NO_SUCH_ROUTE', message: 'there is no such route; see GET /openapi.json' } },
    });
  });
});
