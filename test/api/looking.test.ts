import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { lastDueBeat } from '../../lambdas/core/rounds/due.ts';
import { makeIncident, makeRestart, T0 } from '../make/state.ts';
import { ask, happened, register, roundAt, setState } from './api-bench.ts';

const MINUTE = 60_000;
/** In the middle of a minute, where no round comes in between. */
const NOW = Date.UTC(2026, 0, 6, 8, 0, 30);
beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: NOW }));
afterEach(() => void vi.useRealTimers());

const iso = (at: number) => new Date(at).toISOString();
/** The last beat at which billing-api was due, and the one so many rounds before. */
const beat = (back = 0) => {
  const timed = { tenant: 'default', id: 'billing-api', intervalSeconds: 60 };
  return lastDueBeat(timed, Date.now()) - back * MINUTE;
};
const shown = async (id = 'billing-api') => (await ask('GET /services/{id}', { id })).body;
const names = ({ body }: { body: { services: { tenant: string; id: string }[] } }) =>
  body.services.map(({ tenant, id }) => `${tenant}/${id}`);

describe('one service', () => {
  it('is shown as registered before anybody has looked at it', async () => {
    await register();
    expect(await shown()).toMatchObject({
      ...{ tenant: 'default', id: 'billing-api', name: 'Billing API', project: null, health: 'pending' },
      ...{ lastCheckedAt: null, lastVerdict: null, lastGoodAt: null, incident: null, totalRestarts: 0 },
      spec: { probe: { url: 'https://billing.example.com/health' } },
      settings: { probe: { intervalSeconds: 60, timeoutSeconds: 3 }, restart: { mode: 'on', maxRestarts: 3 } },
      restart: { phase: 'idle', underWay: false },
    });
  });

  it('that is steady has its last check and last good answer from the packed rows', async () => {
    await register();
    await setState('billing-api', { health: 'healthy', last: { beat: T0, verdict: 'up', cause: 'none' } });
    await roundAt(beat(1), { verdict: 'slow', cause: 'too_slow', latencyMs: 900 });
    await roundAt(beat(), { latencyMs: 34 });
    expect(await shown()).toMatchObject({
      ...{ lastCheckedAt: iso(beat()), lastVerdict: 'up', lastCause: 'none', lastLatencyMs: 34 },
      lastGoodAt: iso(beat()),
    });
  });

  it('whose last row has no good answer has it from the row before', async () => {
    await register();
    await roundAt(beat(1));
    await roundAt(beat(), { verdict: 'unknown', cause: 'own_trouble', latencyMs: undefined });
    expect(await shown()).toMatchObject({
      ...{ lastVerdict: 'unknown', lastLatencyMs: null, lastCheckedAt: iso(beat()) },
      lastGoodAt: iso(beat(1)),
    });
  });

  it('that is private has all this from the rows of the prober inside the VPC', async () => {
    await register({ probe: { kind: 'tcp', host: '10.20.2.3', port: 5432, network: 'private' } });
    for (let back = 0; back < 3; back += 1) await roundAt(beat(back), { latencyMs: 9 });
    await roundAt(beat(5), { latencyMs: 5 }, 0, 'private');
    await roundAt(beat(), { verdict: 'down', cause: 'refused', latencyMs: undefined }, 0, 'private');
    await setState('billing-api', { health: 'unhealthy', failingSince: beat(4), downs: 3 });
    expect(await shown()).toMatchObject({ lastVerdict: 'down', lastCheckedAt: iso(beat()), lastGoodAt: iso(beat(5)) });
  });

  it('that has been failing for long has its last good answer from before it began to fail', async () => {
    await register();
    await roundAt(beat(51));
    await roundAt(beat(50), { verdict: 'unknown', cause: 'own_trouble' });
    for (let back = 0; back < 35; back += 1) await roundAt(beat(back), { verdict: 'down', cause: 'timeout' });
    await setState('billing-api', { health: 'unhealthy', failingSince: beat(49), downs: 3 });
    expect(await shown()).toMatchObject({ lastVerdict: 'down', lastGoodAt: iso(beat(51)), consecutiveFailures: 3 });
  });

  it('shows what a person asked to see, which is newer than any row', async () => {
    await register();
    await roundAt(beat(), { verdict: 'down', cause: 'refused', latencyMs: undefined });
    const checked = { beat: beat() + 10, verdict: 'up', cause: 'none', latencyMs: 7, message: 'seen' } as const;
    await setState('billing-api', { last: checked });
    expect(await shown()).toMatchObject({
      ...{ lastCheckedAt: iso(checked.beat), lastVerdict: 'up', lastLatencyMs: 7, lastMessage: 'seen' },
      lastGoodAt: iso(checked.beat),
    });
  });

  it('shows its incident and the phase of its restart', async () => {
    await register();
    await setState('billing-api', {
      ...{ health: 'unhealthy', totalRestarts: 2, incident: makeIncident({ restarts: 1, held: 'the fleet is held' }) },
      restart: makeRestart({ phase: 'restarting', handle: 'ecs-svc/1' }),
    });
    const restart = { phase: 'restarting', restartId: 'rst-1', handle: 'ecs-svc/1', underWay: true };
    expect(await shown()).toMatchObject({
      ...{ restartPhase: 'restarting', message: 'timeout', totalRestarts: 2, restart },
      incident: { id: 'inc-1', openedAt: iso(T0), restarts: 1, held: 'the fleet is held', handsOff: null },
    });
    expect((await ask('GET /services/{id}/restart', { id: 'billing-api' })).body).toMatchObject(restart);
  });

  it('is idle where nothing was ever restarted', async () => {
    await register();
    const answer = await ask('GET /services/{id}/restart', { id: 'billing-api' });
    expect(answer).toMatchObject({ status: 200, body: { phase: 'idle', underWay: false } });
  });

  it.each(['GET /services/{id}', 'GET /services/{id}/restart'] as const)('%s knows no others', async (route) => {
    await register();
    expect(await ask(route, { id: 'billing' })).toMatchObject({ status: 404, body: { error: { code: 'NOT_FOUND' } } });
    const elsewhere = await ask(route, { id: 'billing-api', query: { tenant: 'acme' } });
    expect(elsewhere.body.error.message).toBe('there is no service billing-api in tenant acme');
  });

  it.each([
    [{ tenant: 'A' }, 'tenant', 'must be 1 to 63 of a-z, 0-9 and -, and not begin with -'],
    [{ tenat: 'acme' }, 'tenat', 'is not a known field; remove it or correct its name'],
  ])('refuses the query %j', async (query, path, message) => {
    const answer = await ask('GET /services/{id}', { id: 'billing-api', query });
    expect(answer).toMatchObject({ status: 400, body: { error: { details: [{ path, message }] } } });
  });
});

describe('the list', () => {
  async function fleet() {
    await register({ id: 'web', project: 'erp', tags: { team: 'payments', tier: '1' } });
    await register({ id: 'db', project: 'erp', tags: { team: 'storage', expr: 'a=b' } });
    await register({ id: 'web', tenant: 'acme', tags: {} });
    await setState('db', { health: 'unhealthy' });
  }

  it.each([
    [{}, ['acme/web', 'default/db', 'default/web']],
    [{ tenant: 'default' }, ['default/db', 'default/web']],
    [{ tenant: 'nobody' }, []],
    [{ project: 'erp' }, ['default/db', 'default/web']],
    [{ tag: 'team' }, ['default/db', 'default/web']],
    [{ tag: 'team=payments' }, ['default/web']],
    [{ tag: 'team=' }, []],
    [{ tag: 'expr=a=b' }, ['default/db']],
    [{ tag: 'toString' }, []],
    [{ health: 'unhealthy' }, ['default/db']],
    [{ health: 'pending', project: 'erp' }, ['default/web']],
  ])('for %j holds %j', async (query: Record<string, string>, expected) => {
    await fleet();
    const answer = await ask('GET /services', { query });
    expect(names(answer)).toEqual(expected);
    expect(answer.body.nextCursor).toBeNull();
  });

  it('comes page by page, each service once', async () => {
    const ids = Array.from({ length: 7 }, (_, index) => `svc-${index}`);
    for (const id of ids) await register({ id });
    const pages: string[][] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const answer = await ask('GET /services', { query: { limit: '3', cursor } });
      pages.push(names(answer));
      cursor = answer.body.nextCursor;
    }
    expect(pages.map(({ length }) => length)).toEqual([3, 3, 1]);
    expect(pages.flat()).toEqual(ids.map((id) => `default/${id}`));
  });

  it('ends without a cursor where the last page is full', async () => {
    for (const id of ['a', 'b']) await register({ id });
    expect((await ask('GET /services', { query: { limit: '2' } })).body.nextCursor).toBeNull();
  });

  it.each([
    [{ limit: '0' }, 'limit', 'must be at least 1'],
    [{ limit: '501' }, 'limit', 'must be at most 500'],
    [{ limit: 'all' }, 'limit', 'must be a number'],
    [{ health: 'ill' }, 'health', 'must be one of pending, healthy, degraded, unhealthy'],
    [{ cursor: 'zzz' }, 'cursor', 'must be nextCursor of the page before'],
    [{ tag: '=payments' }, 'tag', 'must be name or name=value'],
    [{ tennant: 'acme' }, 'tennant', 'is not a known field; remove it or correct its name'],
  ])('refuses the query %j', async (query: Record<string, string>, path, message) => {
    const answer = await ask('GET /services', { query });
    expect(answer).toMatchObject({ status: 400, body: { error: { details: [{ path, message }] } } });
  });
});

describe('the timeline', () => {
  const kinds = ({ body }: { body: { events: { kind: string }[] } }) => body.events.map(({ kind }) => kind);
  const events = (query: Record<string, string> = {}) => ask('GET /services/{id}/events', { id: 'billing-api', query });

  it('is newest first, with times that people can read', async () => {
    await happened(T0, { kind: 'unhealthy', detectedAt: T0 - MINUTE });
    await happened(T0 + 1, { kind: 'recovered', level: 'info', detectedAt: T0 - MINUTE, resolvedAt: T0 + 1 });
    const { body } = await events();
    expect(body.events[0]).toEqual({
      ...{ at: iso(T0 + 1), recordId: `int-${T0 + 1}`, tenant: 'default', service: 'billing-api', kind: 'recovered' },
      ...{ level: 'info', message: 'timeout', action: 'none' },
      ...{ detectedAt: iso(T0 - MINUTE), resolvedAt: iso(T0 + 1) },
    });
    expect(body.events[1]).toMatchObject({ kind: 'unhealthy', resolvedAt: null });
    expect(body.nextBefore).toBeNull();
  });

  it('comes page by page; what happened at one moment is not torn apart', async () => {
    const story = [
      [T0, 'unhealthy'],
      [T0, 'restart_ordered'],
      [T0 + 1, 'restart_begun'],
      [T0 + 2, 'restart_sent'],
      [T0 + 2, 'instance_changed'],
      [T0 + 3, 'recovered'],
    ] as const;
    for (const [index, [at, kind]] of story.entries()) await happened(at, { kind, intentId: `int-${index}` });
    for (const limit of ['1', '2', '3', '4', '6']) {
      const seen: string[] = [];
      let before: string | null = '';
      while (before !== null) {
        const page = await events({ limit, ...(before && { before }) });
        expect(page.body.events.length).toBeLessThanOrEqual(Number(limit));
        seen.push(...kinds(page));
        before = page.body.nextBefore;
      }
      expect(seen, `limit ${limit}`).toEqual(story.map(([, kind]) => kind).toReversed());
    }
  });

  it('loses nothing of a moment that holds more than a page does', async () => {
    for (let n = 0; n < 7; n += 1) await happened(T0, { intentId: `int-${n}` });
    const first = await events({ limit: '3' });
    const second = await events({ limit: '3', before: first.body.nextBefore });
    const third = await events({ limit: '3', before: second.body.nextBefore });
    const ids = [first, second, third].flatMap(({ body }) =>
      body.events.map(({ recordId }: { recordId: string }) => recordId),
    );
    expect(ids).toEqual([6, 5, 4, 3, 2, 1, 0].map((n) => `int-${n}`));
    expect(third.body.nextBefore).toBeNull();
  });

  it('is asked for before a time, which leaves out that moment', async () => {
    await happened(T0);
    await happened(T0 + 1, { kind: 'recovered' });
    expect(kinds(await events({ before: iso(T0 + 1) }))).toEqual(['unhealthy']);
    expect(kinds(await events({ before: iso(T0) }))).toEqual([]);
  });

  it('knows only its own service and tenant', async () => {
    await happened(T0);
    await happened(T0, { tenant: 'acme', kind: 'recovered' });
    await happened(T0, { id: 'other', kind: 'degraded' });
    expect(kinds(await events())).toEqual(['unhealthy']);
    expect(kinds(await events({ tenant: 'acme' }))).toEqual(['recovered']);
  });

  it.each([
    [{ before: 'yesterday' }, 'before', 'must be a time such as 2026-01-31T12:00:00Z'],
    [{ before: '2026-01-31T12:00:00Z~a b' }, 'before', 'must be a time such as 2026-01-31T12:00:00Z'],
    [{ limit: '501' }, 'limit', 'must be at most 500'],
    [{ tenant: '-' }, 'tenant', 'must be 1 to 63 of a-z, 0-9 and -, and not begin with -'],
  ])('refuses the query %j', async (query: Record<string, string>, path, message) => {
    expect(await events(query)).toMatchObject({ status: 400, body: { error: { details: [{ path, message }] } } });
  });

  it('holds the ended restarts by themselves, newest first, with who and why', async () => {
    const details = { by: 'ada', reason: 'it hangs', trigger: 'manual', durationMs: 4_000 };
    await happened(T0, { kind: 'restart_ordered' });
    await happened(T0 + 1, { kind: 'restart_failed', details });
    await happened(T0 + 2, { kind: 'restart_completed' });
    await happened(T0 + 3, { kind: 'restart_cancelled' });
    const restarts = (query: Record<string, string>) =>
      ask('GET /services/{id}/restarts', { id: 'billing-api', query });
    const all = await restarts({});
    expect(all.body.restarts.map(({ kind }: { kind: string }) => kind)).toEqual([
      ...['restart_cancelled', 'restart_completed', 'restart_failed'],
    ]);
    expect(all.body.restarts[2].details).toEqual(details);
    expect((await restarts({ limit: '1' })).body.restarts).toHaveLength(1);
    expect(await restarts({ limit: '0' })).toMatchObject({ status: 400 });
  });
});
