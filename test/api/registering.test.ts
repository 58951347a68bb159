import { describe, expect, it } from 'vitest';

import { postService } from '../../lambdas/api/registering.ts';
import { fakeClock } from '../fakes/fake-clock.ts';
import { fakeLog } from '../fakes/fake-log.ts';
import { fakeOutbox, fakeProbeQueue, fakeQueues } from '../fakes/fake-ports.ts';
import { makeDocument } from '../make/service.ts';
import { makeIncident, makeRestart } from '../make/state.ts';
import { ask, register, setState, SHARDS, signal, stores, taken } from './api-bench.ts';

const { id: _, ...nameless } = makeDocument();
/** For the route by itself, where a test must come between two of its steps. */
const clock = fakeClock();
const fakes = fakeQueues(clock);
const routePorts = {
  ...stores,
  ...{ outbox: fakeOutbox(fakes, clock), probeQueue: fakeProbeQueue(fakes), clock, jitter: () => 0, log: fakeLog() },
  ...{
    shards: SHARDS,
    maxRestarts: 5,
    retentionMs: 30 * 86_400_000,
    limits: { minIntervalSeconds: 10, allowedRanges: [], documents: [], networks: ['public' as const] },
  },
  discoveryClusters: [],
  build: { version: '', commit: '', builtAt: '' },
};
const request = { routeKey: 'POST /services', query: {}, caller: 'ada', correlationId: 'c-1' } as const;
const put = (body: unknown, query?: Record<string, string>) =>
  ask('PUT /services/{id}', { id: 'billing-api', body, ...(query && { query }) });

describe('registering', () => {
  it('answers 201 with the document and its defaults, and 200 when it is replaced', async () => {
    const created = await register();
    expect(created).toMatchObject({
      status: 201,
      body: { tenant: 'default', id: 'billing-api', outcome: 'created', spec: { probe: { retries: 1 } } },
    });
    const replaced = await register({ name: 'Billing' });
    expect(replaced).toMatchObject({ status: 200, body: { outcome: 'replaced', spec: { name: 'Billing' } } });
    expect((await ask('GET /services')).body.services).toHaveLength(1);
  });

  it('asks for a first look at once, under the correlation id of the request', async () => {
    const { correlationId } = await register();
    expect(await taken('probe')).toEqual([
      { kind: 'check', correlationId, tenant: 'default', id: 'billing-api', beat: expect.any(Number) },
    ]);
  });

  it('makes sure that the shard is packed often enough, also for an interval that becomes shorter', async () => {
    const fastest = async () => (await stores.fleet.counts(signal)).map(({ fastestSeconds }) => fastestSeconds);
    await register();
    expect(await fastest()).toEqual([60]);
    await register({ probe: { kind: 'tcp', host: 'db.example.com', port: 5432, intervalSeconds: 10 } });
    expect(await fastest()).toEqual([10]);
    expect(await stores.fleet.counts(signal)).toMatchObject([{ services: 1 }]);
  });

  it.each([
    ['before the service is put there', 'down'],
    ['also when a round found the shard empty in between', 'corrected'],
  ])('makes sure of it %s', async (_, between) => {
    const register = async (...of: Parameters<typeof stores.services.register>) => {
      const counts = await stores.fleet.counts(signal);
      expect(counts).toMatchObject([{ services: 1, fastestSeconds: 60 }]);
      if (between === 'down') throw new Error('the table is gone');
      for (const known of counts) await stores.fleet.correctCount(known, { ...known, services: 0 }, signal);
      return await stores.services.register(...of);
    };
    const ports = { ...routePorts, services: { ...stores.services, register } };
    const end = postService({ ...request, body: makeDocument() }, ports, signal);
    await (between === 'down' ? expect(end).rejects.toThrow('the table is gone') : end);
    expect(await stores.fleet.counts(signal)).toMatchObject([{ services: 1 }]);
  });

  it('gives a service that is to report itself from now on its first time from now on, and no further one', async () => {
    const heartbeatAt = async () =>
      (await stores.services.read({ tenant: 'default', id: 'billing-api' }, signal))?.heartbeatAt;
    const probe = { kind: 'heartbeat' } as const;
    await register();
    await register({ name: 'Billing' });
    expect(await heartbeatAt()).toBeUndefined();
    const sentAt = Date.now();
    await register({ probe });
    const begunAt = await heartbeatAt();
    expect(begunAt).toBeGreaterThanOrEqual(sentAt);
    await stores.services.heartbeat({ tenant: 'default', id: 'billing-api' }, 5, signal);
    await register({ probe, name: 'Billing' });
    expect(await heartbeatAt()).toBe(5);
  });

  it('keeps health, incident and time of registration when the document is replaced', async () => {
    await register();
    const before = await stores.services.read({ tenant: 'default', id: 'billing-api' }, signal);
    await setState('billing-api', { health: 'unhealthy', incident: makeIncident() });
    await register({ name: 'Billing' });
    const after = await stores.services.read({ tenant: 'default', id: 'billing-api' }, signal);
    expect(after).toMatchObject({ registeredAt: before?.registeredAt, state: { health: 'unhealthy' } });
    expect(after?.state.incident?.id).toBe('inc-1');
  });

  it('takes the id from the path', async () => {
    expect(await put(nameless)).toMatchObject({ status: 201, body: { id: 'billing-api' } });
    expect(await put(makeDocument())).toMatchObject({ status: 200 });
  });

  it('refuses an id in the document that is not the one in the path', async () => {
    const answer = await put(makeDocument({ id: 'other' }));
    expect(answer.status).toBe(400);
    expect(answer.body.error).toEqual({
      code: 'INVALID_REQUEST',
      message: '1 field is wrong; see details',
      details: [{ path: 'id', message: 'is not billing-api, the id in the path; make them agree or leave it out' }],
    });
  });

  it('takes the tenant from the query or from the document, and refuses two that differ', async () => {
    expect(await put(nameless, { tenant: 'acme' })).toMatchObject({ status: 201, body: { tenant: 'acme' } });
    expect(await put({ ...nameless, tenant: 'other' })).toMatchObject({ status: 201, body: { tenant: 'other' } });
    const answer = await put({ ...nameless, tenant: 'acme' }, { tenant: 'other' });
    expect(answer).toMatchObject({ status: 400, body: { error: { details: [{ path: 'tenant' }] } } });
    expect(await put(nameless, { tenant: 'A B' })).toMatchObject({
      status: 400,
      body: { error: { details: [{ path: 'tenant' }] } },
    });
  });

  it('keeps services of one id in two tenants apart', async () => {
    await register();
    await register({ tenant: 'acme', name: 'Theirs' });
    const theirs = await ask('GET /services/{id}', { id: 'billing-api', query: { tenant: 'acme' } });
    expect(theirs.body).toMatchObject({ tenant: 'acme', name: 'Theirs' });
    await ask('DELETE /services/{id}', { id: 'billing-api', query: { tenant: 'acme' } });
    expect((await ask('GET /services/{id}', { id: 'billing-api' })).body).toMatchObject({ name: 'Billing API' });
  });

  it.each([
    ['POST /services', undefined],
    ['PUT /services/{id}', { id: 'billing-api' }],
  ] as const)('%s refuses a body that is no JSON', async (route, path) => {
    const answer = await ask(route, { ...path, text: '{"id": billing}' });
    expect(answer).toMatchObject({ status: 400, body: { error: { code: 'INVALID_JSON' } } });
    expect(await stores.fleet.counts(signal)).toEqual([]);
  });

  it('with an id in the path misses no other where the body is left out', async () => {
    const details = [{ path: 'probe', message: 'is missing; give an object' }];
    expect(await ask('PUT /services/{id}', { id: 'billing-api' })).toMatchObject({
      status: 400,
      body: { error: { details } },
    });
  });

  it.each([[[]], ['text'], [7], [null]])('refuses %j in place of a document', async (body) => {
    expect(await put(body)).toMatchObject({ status: 400, body: { error: { code: 'INVALID_REQUEST' } } });
    expect(await ask('POST /services', { body })).toMatchObject({ status: 400 });
  });

  it('never answers with more than the reference of a secret', async () => {
    process.env['SECRET_TOKEN'] = 'hunter2';
    const headers = { authorization: 'Bearer {{ssm:/lamplighter/probe/SECRET_TOKEN}}' };
    const created = await register({ probe: { kind: 'http', url: 'https://billing.example.com/', headers } });
    const shown = await ask('GET /services/{id}', { id: 'billing-api' });
    expect(created.body.spec.probe.headers).toEqual(headers);
    expect(shown.body.spec.probe.headers).toEqual(headers);
    expect(created.text + shown.text).not.toContain('hunter2');
  });

  it('never repeats a credential that it refuses', async () => {
    const headers = { authorization: 'Bearer hunter2' };
    const answer = await register({ probe: { kind: 'http', url: 'https://billing.example.com/', headers } });
    expect(answer).toMatchObject({
      status: 400,
      body: { error: { details: [{ path: 'probe.headers.authorization' }] } },
    });
    expect(answer.text).not.toContain('hunter2');
  });
});

describe('removing', () => {
  it('answers 204, and 404 from then on', async () => {
    await register();
    expect(await ask('DELETE /services/{id}', { id: 'billing-api' })).toMatchObject({ status: 204, text: '' });
    const again = await ask('DELETE /services/{id}', { id: 'billing-api' });
    expect(again).toMatchObject({
      status: 404,
      body: { error: { code: 'NOT_FOUND', message: 'there is no service billing-api in tenant default', details: [] } },
    });
    expect(await ask('GET /services/{id}', { id: 'billing-api' })).toMatchObject({ status: 404 });
  });

  it('leaves a history that says what became of a restart that was under way', async () => {
    await register();
    await setState('billing-api', { restart: makeRestart({ phase: 'verifying', restartHandle: 'ecs-svc/1' }) });
    await ask('DELETE /services/{id}', { id: 'billing-api', caller: 'jane' });
    const { body } = await ask('GET /services/{id}/restarts', { id: 'billing-api' });
    const message =
      'restart by ECS redeploy of prod/billing is not followed any more: the service was removed by jane.';
    expect(body.restarts).toMatchObject([{ kind: 'restart_cancelled', message, details: { handle: 'ecs-svc/1' } }]);
    expect((await ask('GET /services/{id}/events', { id: 'billing-api' })).body.events).toMatchObject([{ message }]);
  });

  it('begins anew when the service is registered again', async () => {
    await register();
    await setState('billing-api', { health: 'unhealthy', totalRestarts: 3 });
    await ask('DELETE /services/{id}', { id: 'billing-api' });
    expect(await register()).toMatchObject({ status: 201 });
    const { body } = await ask('GET /services/{id}', { id: 'billing-api' });
    expect(body).toMatchObject({ health: 'pending', totalRestarts: 0 });
  });
});
