// Who asked for what, through the API as API Gateway calls it: every way to change something leaves its entry.
import { beforeEach, describe, expect, it, vi } from 'vitest';

import { type RouteKey, routes } from '../../lambdas/contract/routes.ts';
import { makeDocument } from '../make/service.ts';
import { makeIncident } from '../make/state.ts';
import { ask, register, roundsOf, setState, stores } from './api-bench.ts';

const id = 'billing-api';
const ada = 'arn:aws:iam::123456789012:user/ada';
const person = { user: 'ada', reason: 'it hangs' };
type Entry = { action: string; outcome: string; changed?: string[] } & Record<string, unknown>;
const audit = async (query: Record<string, string> = {}, of = id): Promise<Entry[]> =>
  (await ask('GET /services/{id}/audit', { id: of, query })).body.entries;
const fleetAudit = async (): Promise<Entry[]> => (await ask('GET /fleet/audit')).body.entries;
const shown = (entries: Entry[]) => entries.map(({ action, outcome }) => `${action} ${outcome}`);
/** Two requests of one millisecond are told apart, but not which was first. */
const later = () =>
  vi.waitUntil(
    (
      (now) => () =>
        Date.now() > now
    )(Date.now()),
    { interval: 1 },
  );
beforeEach(() => later());

/** What changes something, with a body that is accepted for a registered service. */
const changing: Readonly<Partial<Record<RouteKey, unknown>>> = {
  'PUT /services/{id}': makeDocument(),
  'POST /services': makeDocument(),
  'DELETE /services/{id}': undefined,
  'POST /services/{id}/restart': person,
  'POST /services/{id}/restart/cancel': { user: 'ada' },
  'POST /services/{id}/pause': person,
  'POST /services/{id}/resume': { user: 'ada' },
  'POST /services/{id}/acknowledge': person,
  'POST /services/{id}/suggestion/apply': { user: 'ada' },
  'PUT /fleet': { restartsOn: false, ...person },
};
/** What asks for something else than GET and changes nothing. */
const harmless: readonly RouteKey[] = ['POST /services/{id}/check', 'POST /services/{id}/heartbeat'];

describe('every route', () => {
  it('that is no GET is known to change something, or to change nothing', () => {
    const others = routes.filter((route) => !route.startsWith('GET '));
    expect([...Object.keys(changing), ...harmless].toSorted()).toEqual(others.toSorted());
  });

  it.each(Object.keys(changing) as RouteKey[])('that changes something leaves one entry: %s', async (route) => {
    await register({ restart: { steps: [{ kind: 'ecs', cluster: 'prod', service: 'billing' }] } });
    if (route.endsWith('cancel')) await ask('POST /services/{id}/restart', { id, body: person });
    if (route.endsWith('acknowledge')) await setState(id, { health: 'unhealthy', incident: makeIncident() });
    if (route.endsWith('apply')) await roundsOf('up 500', Date.now());
    const before = [...(await audit()), ...(await fleetAudit())];
    await later();
    const path = route.includes('{id}') ? { id } : {};
    const { status, correlationId } = await ask(route, { ...path, body: changing[route], caller: ada });
    expect(status).toBeLessThan(300);
    const after = [...(await audit()), ...(await fleetAudit())];
    const [entry, ...more] = after.filter(({ entryId }) => !before.some((one) => one['entryId'] === entryId));
    expect(more).toEqual([]);
    expect(entry).toMatchObject({ outcome: 'accepted', caller: ada, correlationId });
  });

  it.each(routes.filter((route) => harmless.includes(route) || route.startsWith('GET ')))(
    'that changes nothing leaves none: %s',
    async (route) => {
      await register({ probe: { kind: 'heartbeat' } });
      await ask(route, route.includes('{id}') ? { id } : {});
      expect(shown(await audit())).toEqual(['service.put accepted']);
      expect(await fleetAudit()).toEqual([]);
    },
  );
});

describe('an entry', () => {
  it('whose function was cut off is shown as unknown once no function can complete it any more', async () => {
    const { signal } = new AbortController();
    const entry = { action: 'restart.requested', tenant: 'default', id: 'cut-off', caller: ada } as const;
    for (const [entryId, ago] of [
      ['r-new', 5_000],
      ['r-old', 61_000],
    ] as const)
      await stores.audit.write(
        { ...entry, entryId, at: Date.now() - ago, correlationId: entryId, outcome: 'asked' },
        signal,
      );
    expect(shown(await audit({}, 'cut-off'))).toEqual(['restart.requested asked', 'restart.requested unknown']);
  });

  it('of a registration names the fields that changed, never their values', async () => {
    await register();
    await later();
    const { correlationId } = await ask('PUT /services/{id}', {
      ...{ id, caller: ada },
      body: makeDocument({ name: 'Hunter2', tags: { team: 'hunter2' } }),
    });
    const [second, first] = await audit();
    expect(second).toEqual({
      ...{ at: expect.any(String), entryId: expect.any(String), action: 'service.put', outcome: 'accepted' },
      ...{ tenant: 'default', service: id, caller: ada, user: null, reason: null, correlationId },
      ...{ changed: ['name', 'tags.team'], changedCount: 2 },
    });
    expect(first).toMatchObject({ changed: ['(document)'], caller: 'anonymous' });
    expect(JSON.stringify(second).toLowerCase()).not.toContain('hunter2');
  });

  it('of a registration that changed nothing says so', async () => {
    await register();
    await later();
    await register();
    expect((await audit())[0]).toMatchObject({ outcome: 'accepted', changed: [], changedCount: 0 });
  });

  it('of an order keeps what the body says of who and why, beside who the caller really was', async () => {
    await register();
    await later();
    await ask('POST /services/{id}/restart', { id, body: person, caller: ada });
    expect((await audit())[0]).toMatchObject({ action: 'restart.requested', ...person, caller: ada });
    await later();
    await ask('POST /services/{id}/restart/cancel', { id, body: { user: 'bob' } });
    expect((await audit())[0]).toMatchObject({ action: 'restart.cancelled', user: 'bob', reason: null });
    await later();
    await ask('POST /services/{id}/pause', { id, body: person });
    await later();
    await ask('POST /services/{id}/resume', { id, body: { user: 'bob', reason: 'done' } });
    expect(await audit()).toMatchObject([
      { action: 'service.resumed', user: 'bob', reason: 'done', outcome: 'accepted' },
      { action: 'service.paused', ...person, outcome: 'accepted' },
      {},
      {},
      {},
    ]);
  });

  it('of the fleet stands with the fleet', async () => {
    await ask('PUT /fleet', { body: { restartsOn: false, ...person }, caller: ada });
    expect(await fleetAudit()).toEqual([
      expect.objectContaining({
        ...{ action: 'fleet.switched', outcome: 'accepted', tenant: null, service: null, ...person, caller: ada },
        asked: { restartsOn: false },
      }),
    ]);
  });

  it('says what was switched or asked for, refused or not', async () => {
    await register();
    const asked = { mode: 'reload', force: true };
    await later();
    await ask('POST /services/{id}/restart', { id, body: { ...person, ...asked } });
    await later();
    await ask('POST /services/{id}/pause', { id, body: { ...person, until: '2999-01-31T12:00:00Z' } });
    const [paused, requested, put] = await audit();
    expect(paused).toMatchObject({ outcome: 'accepted', asked: { until: '2999-01-31T12:00:00Z' } });
    expect(requested).toMatchObject({ outcome: 'NO_RELOAD', asked });
    expect(put).not.toHaveProperty('asked');
  });

  it('outlives the service', async () => {
    await register();
    await later();
    await ask('DELETE /services/{id}', { id, caller: ada });
    expect(shown(await audit())).toEqual(['service.removed accepted', 'service.put accepted']);
    expect(await ask('GET /services/{id}/audit', { id })).toMatchObject({ status: 200 });
  });
});

describe('a refusal', () => {
  const refusals: readonly (readonly [string, RouteKey, Parameters<typeof ask>[1], string])[] = [
    ['a document with a fault', 'PUT /services/{id}', { id, body: { probe: { kind: 'ping' } } }, 'INVALID_REQUEST'],
    ['a document for another', 'PUT /services/{id}', { id, body: makeDocument({ id: 'x' }) }, 'INVALID_REQUEST'],
    ['no document', 'PUT /services/{id}', { id, body: [] }, 'INVALID_REQUEST'],
    ['an unknown query', 'PUT /services/{id}', { id, query: { x: '1' }, body: makeDocument() }, 'INVALID_REQUEST'],
    ['an unknown query', 'DELETE /services/{id}', { id, query: { x: '1' } }, 'INVALID_REQUEST'],
    ['what is not there', 'DELETE /services/{id}', { id }, 'NOT_FOUND'],
    ['a wrong body', 'POST /services/{id}/restart', { id, body: { user: 'ada' } }, 'INVALID_REQUEST'],
    ['what is not there', 'POST /services/{id}/restart', { id, body: person }, 'NOT_FOUND'],
    ['what is not there', 'POST /services/{id}/restart/cancel', { id, body: { user: 'ada' } }, 'NOT_FOUND'],
    ['no reason', 'POST /services/{id}/pause', { id, body: { user: 'ada' } }, 'INVALID_REQUEST'],
    ['what is not there', 'POST /services/{id}/resume', { id, body: { user: 'ada' } }, 'NOT_FOUND'],
    ['a wrong body', 'POST /services/{id}/suggestion/apply', { id, body: {} }, 'INVALID_REQUEST'],
    ['what is not there', 'POST /services/{id}/suggestion/apply', { id, body: { user: 'ada' } }, 'NOT_FOUND'],
  ];

  it.each(refusals)('of %s by %s is kept with its code', async (_, route, question, code) => {
    await ask(route, question);
    expect(await audit()).toMatchObject([{ outcome: code, service: id }]);
    expect(await fleetAudit()).toEqual([]);
  });

  it('of a document goes under the name in the document, however wrong the rest is', async () => {
    await ask('POST /services', {
      body: { id, tenant: 'acme', probe: { kind: 'http', url: 'http://169.254.169.254/' } },
    });
    expect(shown(await audit({ tenant: 'acme' }))).toEqual(['service.put INVALID_REQUEST']);
  });

  it('by a rule is kept too', async () => {
    await register();
    await setState(id, { restartTimes: [1, 2, 3].map((ago) => Date.now() - ago * 60_000) });
    await later();
    await ask('POST /services/{id}/restart', { id, body: person });
    expect((await audit())[0]).toMatchObject({ action: 'restart.requested', outcome: 'RESTART_LIMIT', ...person });
    await later();
    await ask('POST /services/{id}/restart/cancel', { id, body: { user: 'bob' } });
    expect((await audit())[0]).toMatchObject({ action: 'restart.cancelled', outcome: 'RESTART_002', user: 'bob' });
  });

  it.each([
    ['PUT /services/{id}', { id: 'Not a name', body: makeDocument() }, 'service.put INVALID_REQUEST'],
    ['POST /services', { body: null }, 'service.put INVALID_REQUEST'],
    ['POST /services', { body: { id: 'A' } }, 'service.put INVALID_REQUEST'],
    ['DELETE /services/{id}', { id: 'x'.repeat(3_000), query: { tenant: 'A' } }, 'service.removed INVALID_REQUEST'],
    ['DELETE /services/{id}', { id: 'Not a name' }, 'service.removed NOT_FOUND'],
    ['PUT /fleet', { body: { restartsOn: 'off', user: 'ada' } }, 'fleet.switched INVALID_REQUEST'],
  ] as const)(
    'that names no service that could exist stands with the fleet: %s %j',
    async (route, question, expected) => {
      await ask(route, question);
      expect(shown(await fleetAudit())).toEqual([expected]);
    },
  );
});

describe('the pages', () => {
  it('lose no entry, though many are of one millisecond and one correlation id', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2026, 0, 6) });
    try {
      for (let n = 0; n < 7; n += 1) await register({ name: `No. ${n}` });
    } finally {
      vi.useRealTimers();
    }
    for (const limit of ['1', '2', '3', '7']) {
      const seen: unknown[] = [];
      let before: string | null = '';
      while (before !== null) {
        const query: Record<string, string> = { limit, ...(before && { before }) };
        const { body } = await ask('GET /services/{id}/audit', { id, query });
        expect(body.entries.length).toBeLessThanOrEqual(Number(limit));
        seen.push(...body.entries.map((entry: Entry) => entry['entryId']));
        before = body.nextBefore;
      }
      expect(seen).toHaveLength(7);
      expect(new Set(seen).size).toBe(7);
    }
  });

  it('of the fleet too, and before a time', async () => {
    for (let n = 0; n < 3; n += 1) {
      await ask('PUT /fleet', { body: { restartsOn: true, user: `ada-${n}` } });
      await later();
    }
    const first = (await ask('GET /fleet/audit', { query: { limit: '2' } })).body;
    expect(first.entries.map(({ user }: Entry) => user)).toEqual(['ada-2', 'ada-1']);
    const second = (await ask('GET /fleet/audit', { query: { limit: '2', before: first.nextBefore } })).body;
    expect(second).toMatchObject({ entries: [{ user: 'ada-0' }], nextBefore: null });
    const older = await ask('GET /fleet/audit', { query: { before: first.entries[1].at } });
    expect(older.body.entries.map(({ user }: Entry) => user)).toEqual(['ada-0']);
  });

  it.each([
    ['GET /services/{id}/audit', { limit: '501' }, 'limit'],
    ['GET /services/{id}/audit', { before: 'yesterday' }, 'before'],
    ['GET /services/{id}/audit', { tenant: 'A' }, 'tenant'],
    ['GET /fleet/audit', { before: '2026-01-31T12:00:00Z~a#b' }, 'before'],
    ['GET /fleet/audit', { tenant: 'default' }, 'tenant'],
  ] as const)('of %s are not asked for by %j', async (route, query, path) => {
    const answer = await ask(route, { ...(route.includes('{id}') && { id }), query });
    expect(answer).toMatchObject({ status: 400, body: { error: { details: [{ path }] } } });
  });
});
