// Learning from history, through the API as API Gateway calls it: the packed rows are in the embedded table.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { ecsStep, makeRegistration } from '../make/service.ts';
import { makeRestart, makeState } from '../make/state.ts';
import { ask, happened, register, roundAt, roundsOf, setState, signal, stores, taken } from './api-bench.ts';

const MINUTE = 60_000;
const NOW = Date.UTC(2026, 0, 6, 8, 0, 30);
const LAST = Math.floor(NOW / MINUTE) * MINUTE;
beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: NOW }));
afterEach(() => void vi.useRealTimers());

const id = 'billing-api';
const iso = (at: number) => new Date(at).toISOString();
/** So many beats before the last one. */
const back = (beats: number) => LAST - beats * MINUTE;
const whatIf = (query: Record<string, string> = {}) => ask('GET /services/{id}/what-if', { id, query });
const suggestion = (query: Record<string, string> = {}) => ask('GET /services/{id}/suggestion', { id, query });
const apply = (body: unknown, query: Record<string, string> = {}) =>
  ask('POST /services/{id}/suggestion/apply', { id, body, query });

describe('what-if', () => {
  it('answers what other settings would have come to, beside the present ones', async () => {
    await register();
    await roundsOf('up 100, down 3, up 20, down 3, up 20, down 9, up 10', LAST);
    const { status, body } = await whatIf({ failureThreshold: '5' });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      ...{ tenant: 'default', service: id },
      history: { verdicts: 165, unknown: 0, since: iso(back(164)), until: iso(LAST) },
      present: {
        settings: { failureThreshold: 3, successThreshold: 2, windowFailures: 3, windowOf: 5, mode: 'on' },
        ...{ verdicts: 165, incidents: 3, restarts: 3, needlessRestarts: 2 },
        alerts: { degraded: 0, unhealthy: 3, recovered: 3 },
      },
      asked: {
        settings: { failureThreshold: 5, windowFailures: 5, windowOf: 7, intervalSeconds: 60 },
        ...{ verdicts: 165, incidents: 1, restarts: 1, needlessRestarts: 0 },
        newestIncidents: [
          {
            ...{ openedAt: iso(back(14)), closedAt: iso(back(8)), wouldRestartAt: iso(back(14)) },
            ...{ health: 'unhealthy', isNeedless: false, wasRestarted: false },
          },
        ],
      },
    });
    expect(body.present.newestIncidents.map(({ openedAt }: { openedAt: string }) => openedAt)).toEqual([
      ...[iso(back(16)), iso(back(39)), iso(back(62))],
    ]);
  });

  it('changes nothing and probes nothing', async () => {
    await register();
    await roundsOf('up 5, down 5', LAST);
    await taken('probe');
    const before = await stores.services.read({ tenant: 'default', id }, signal);
    await whatIf({ failureThreshold: '1' });
    await suggestion();
    expect(await stores.services.read({ tenant: 'default', id }, signal)).toEqual(before);
    expect(await taken('probe')).toEqual([]);
    expect(await taken('restart')).toEqual([]);
  });

  it.each([
    [{ successThreshold: '4' }, { settings: { successThreshold: 4 } }],
    [
      { windowFailures: '4', windowOf: '12' },
      { settings: { windowFailures: 4, windowOf: 12 }, incidents: 1 },
    ],
    [{ intervalSeconds: '120' }, { settings: { intervalSeconds: 120 }, verdicts: 16 }],
    [{ mode: 'off' }, { settings: { mode: 'off' }, restarts: 0 }],
    [{}, { settings: { failureThreshold: 3 } }],
  ])('takes %j', async (query: Record<string, string>, expected) => {
    await register();
    await roundsOf('up 10, down 1, up 1, down 1, up 1, down 1, up 1, down 1, up 14', back(0));
    expect((await whatIf(query)).body.asked).toMatchObject(expected);
  });

  it('looks back as far as it is asked, and says where there is less', async () => {
    await register();
    await roundsOf('up 130', LAST);
    const short = (await whatIf({ window: '1h' })).body.history;
    expect(short).toMatchObject({ askedFrom: iso(NOW - 60 * MINUTE), since: iso(back(59)), verdicts: 60, note: null });
    expect((await whatIf({ window: '2h' })).body.history).toMatchObject({ verdicts: 120, note: null });
    expect((await whatIf({ window: '1d' })).body.history).toMatchObject({
      ...{ verdicts: 130, since: iso(back(129)), note: 'there is less history than was asked for' },
    });
    expect((await whatIf()).body.history.askedFrom).toBe(iso(NOW - 7 * 24 * 60 * MINUTE));
  });

  it('of a service that nobody has looked at yet is empty and says so', async () => {
    await register();
    expect((await whatIf()).body).toMatchObject({
      history: { verdicts: 0, since: null, until: null, note: 'there is less history than was asked for' },
      asked: { incidents: 0, newestIncidents: [] },
    });
  });

  it('reads rows page by page to the end, however many there are', async () => {
    await register();
    await roundsOf('up 1200, down 4, up 1100', LAST);
    expect((await whatIf({ window: '30d' })).body).toMatchObject({
      history: { verdicts: 2304, since: iso(back(2303)) },
      present: { incidents: 1 },
    });
  });

  it('says which incidents a restart has ended, and calls those not needless', async () => {
    await register();
    await roundsOf('up 20, down 3, up 20, down 3, up 20', LAST);
    await happened(back(18), { kind: 'restart_completed', details: { orderedAt: back(20) } });
    const { body } = await whatIf();
    expect(body.present).toMatchObject({ restarts: 2, needlessRestarts: 1 });
    expect(body.present.newestIncidents).toMatchObject([{ wasRestarted: true }, { isNeedless: true }]);
  });

  it('reads the rows of the prober that looks at it', async () => {
    await register({ probe: { kind: 'tcp', host: '10.20.2.3', port: 5432, network: 'private' } });
    for (let beats = 0; beats < 5; beats += 1)
      await roundAt(back(beats), { verdict: 'down', cause: 'refused', latencyMs: undefined }, 0, 'private');
    await roundAt(back(9));
    expect((await whatIf()).body).toMatchObject({ history: { verdicts: 5 }, present: { incidents: 1 } });
  });

  it.each([
    [{ failureThreshold: '0' }, 'failureThreshold', 'must be at least 1'],
    [{ failureThreshold: '21' }, 'failureThreshold', 'must be at most 20'],
    [{ successThreshold: 'x' }, 'successThreshold', 'must be a number'],
    [{ windowOf: '65' }, 'windowOf', 'must be at most 64'],
    [{ windowFailures: '9', windowOf: '8' }, 'windowFailures', 'must not be above policy.window.of, which is 8'],
    [
      { failureThreshold: '5', windowFailures: '4' },
      'windowFailures',
      'must be at least policy.failureThreshold (5): fewer would fire before it',
    ],
    [{ intervalSeconds: '30' }, 'intervalSeconds', 'must be at least 60, as it is: nobody has looked in between'],
    [{ window: '31d' }, 'window', 'must be a time such as 12h or 7d, at most 30d'],
    [{ window: 'week' }, 'window', 'must be a time such as 12h or 7d, at most 30d'],
    [{ window: '721h' }, 'window', 'must be a time such as 12h or 7d, at most 30d'],
    [{ mode: 'maybe' }, 'mode', 'must be one of off, observe, on'],
    [{ treshold: '3' }, 'treshold', 'is not a known field; remove it or correct its name'],
  ])('refuses the query %j', async (query: Record<string, string>, path, message) => {
    await register();
    expect(await whatIf(query)).toMatchObject({ status: 400, body: { error: { details: [{ path, message }] } } });
  });

  it('refuses what no registration may say, in its words', async () => {
    await register({ restart: { mode: 'off', verifyTimeoutSeconds: 60 } });
    const message = 'restart.mode is "on", but there is no step; add one, or set the mode to "off"';
    expect(await whatIf({ mode: 'on' })).toMatchObject({
      status: 400,
      body: { error: { details: [{ path: 'mode', message }] } },
    });
    await register({ restart: { verifyTimeoutSeconds: 60, steps: [ecsStep] } });
    expect(await whatIf({ successThreshold: '20' })).toMatchObject({
      status: 400,
      body: { error: { details: [{ path: 'restart.verifyTimeoutSeconds' }] } },
    });
  });

  it('is not refused for what is wrong with the service as it is, under limits that came later', async () => {
    const probe = { kind: 'http', url: 'https://a.example.com/', intervalSeconds: 5, timeoutSeconds: 1 } as const;
    await stores.services.register(makeRegistration({ probe }), makeState(), NOW, signal);
    expect(await whatIf({ failureThreshold: '5' })).toMatchObject({ status: 200 });
  });

  it('knows no service that is not there', async () => {
    for (const route of ['GET /services/{id}/what-if', 'GET /services/{id}/suggestion'] as const)
      expect(await ask(route, { id: 'nobody' })).toMatchObject({ status: 404, body: { error: { code: 'NOT_FOUND' } } });
    expect(await suggestion({ tenant: '-' })).toMatchObject({ status: 400 });
  });
});

describe('a suggestion', () => {
  it('is the threshold of its own history, with the reason and what it would have come to', async () => {
    await register();
    await roundsOf('up 300, down 4, up 300, down 4, up 100', LAST);
    expect((await suggestion()).body).toMatchObject({
      ...{ tenant: 'default', service: id },
      suggestion: {
        ...{ failureThreshold: 5, present: 3 },
        because: 'in 708 verdicts 2 runs of failures passed by themselves, 95 of 100 of them after at most 4',
      },
      history: { verdicts: 708 },
      present: { restarts: 2 },
      suggested: { settings: { failureThreshold: 5 }, restarts: 0 },
    });
  });

  it('leaves out what a restart has ended, one that is under way too', async () => {
    await register();
    await roundsOf('up 300, down 6, up 300, down 8, up 3', LAST);
    await happened(back(300), { kind: 'restart_completed', details: { orderedAt: back(315) } });
    await setState(id, { restart: makeRestart({ phase: 'verifying', orderedAt: back(6) }) });
    expect((await suggestion()).body.suggestion.failureThreshold).toBe(2);
  });

  it('is not made of less history than says something', async () => {
    await register();
    await roundsOf('up 120', LAST);
    expect((await suggestion()).body).toMatchObject({
      suggestion: { failureThreshold: null, because: '120 verdicts are too few to say; 500 are needed' },
      suggested: null,
    });
    expect(await apply({ user: 'ada' })).toMatchObject({ status: 409, body: { error: { code: 'NO_SUGGESTION' } } });
  });

  it('looks no further back than to the restarts that are known', async () => {
    await register();
    await roundsOf('up 10, down 6, up 600', LAST);
    for (let nth = 0; nth < 200; nth += 1) await happened(back(590) + nth, { kind: 'restart_completed' });
    const { body } = await suggestion();
    expect(body.suggestion.failureThreshold).toBe(2);
    expect(body.history).toMatchObject({ since: iso(back(590)), verdicts: 591 });
    expect(body.history.note).toContain('as much history as one answer reads');
  });
});

describe('applying it', () => {
  const threshold = async () =>
    (await stores.services.read({ tenant: 'default', id }, signal))?.document.policy.failureThreshold;
  const audit = async () => (await ask('GET /services/{id}/audit', { id })).body.entries[0];

  it('registers the service with it, as a person would, and says who and why', async () => {
    await register({ policy: { failureThreshold: 2, window: { failures: 3, of: 9 } } });
    await roundsOf('up 600, down 4, up 10', LAST);
    vi.setSystemTime(NOW + 1_000);
    const { status, body } = await apply({ user: 'ada', failureThreshold: 5 });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      ...{ id, tenant: 'default', failureThreshold: 5, before: 2 },
      spec: { policy: { failureThreshold: 5, window: { failures: 5, of: 11 } } },
    });
    expect(await threshold()).toBe(5);
    expect(await audit()).toMatchObject({
      ...{ action: 'service.put', outcome: 'accepted', user: 'ada' },
      reason: `suggested: ${body.because}`,
      changed: ['policy.failureThreshold', 'policy.window.failures', 'policy.window.of'],
    });
    expect((await suggestion()).body.suggestion).toMatchObject({ failureThreshold: 5, present: 5 });
  });

  it('twice is once', async () => {
    await register();
    await roundsOf('up 600, down 4, up 10', LAST);
    for (let times = 0; times < 2; times += 1) {
      vi.setSystemTime(Date.now() + 1_000);
      expect(await apply({ user: 'ada', reason: 'flaps at night' })).toMatchObject({ status: 200 });
    }
    expect(await threshold()).toBe(5);
    expect(await audit()).toMatchObject({ reason: 'flaps at night', changed: [] });
  });

  it('is refused where another is suggested by now than was seen', async () => {
    await register();
    await roundsOf('up 600, down 4, up 10', LAST);
    expect(await apply({ user: 'ada', failureThreshold: 3 })).toMatchObject({
      ...{ status: 409, body: { error: { code: 'SUGGESTION_CHANGED' } } },
    });
    expect(await threshold()).toBeUndefined();
  });

  it('is never done by itself', async () => {
    await register();
    await roundsOf('up 600, down 4, up 10', LAST);
    await suggestion();
    await whatIf({ failureThreshold: '5' });
    expect(await threshold()).toBeUndefined();
  });

  it.each([
    [{}, {}, 'user'],
    [{ user: 'ada', failureThreshold: '5' }, {}, 'failureThreshold'],
    [{ user: 'ada' }, { tenant: '-' }, 'tenant'],
  ])('refuses %j %j', async (body, query: Record<string, string>, path) => {
    await register();
    expect(await apply(body, query)).toMatchObject({ status: 400, body: { error: { details: [{ path }] } } });
  });
});
