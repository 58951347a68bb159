import { describe, expect, it } from 'vitest';

import { hook } from '../make/acts.ts';
import { makeIncident, makeRestart, T0 } from '../make/state.ts';
import { type Answer, ask, register, setState, signal, stores, taken } from './api-bench.ts';

const id = 'billing-api';
const person = { user: 'ada', reason: 'it hangs' };
const order = (body: unknown = person, caller?: string) =>
  ask('POST /services/{id}/restart', { id, body, ...(caller && { caller }) });
const cancel = (body: unknown = { user: 'bob' }, caller?: string) =>
  ask('POST /services/{id}/restart/cancel', { id, body, ...(caller && { caller }) });
const stateOf = async () => (await stores.services.read({ tenant: 'default', id }, signal))?.state;
const refused = (answer: Answer, status: number, code: string) => {
  expect([answer.status, answer.body.error.code]).toEqual([status, code]);
  expect(answer.body.error.message).not.toBe('');
};

describe('asking for a look', () => {
  it('is answered with 202 and goes to the probe queue', async () => {
    await register();
    await taken('probe');
    const answer = await ask('POST /services/{id}/check', { id });
    expect(answer).toMatchObject({ status: 202, body: { tenant: 'default', id, correlationId: answer.correlationId } });
    expect(await taken('probe')).toEqual([
      { kind: 'check', correlationId: answer.correlationId, tenant: 'default', id, beat: expect.any(Number) },
    ]);
  });

  it('at a service that is not there is 404, and nothing is looked at', async () => {
    refused(await ask('POST /services/{id}/check', { id }), 404, 'NOT_FOUND');
    expect(await taken('probe')).toEqual([]);
  });
});

describe('a heartbeat', () => {
  it('is noted beside the state, which stays as it was', async () => {
    await register({ probe: { kind: 'heartbeat' } });
    const before = await stores.services.read({ tenant: 'default', id }, signal);
    const sentAt = Date.now();
    expect(await ask('POST /services/{id}/heartbeat', { id })).toMatchObject({ status: 204, text: '' });
    const after = await stores.services.read({ tenant: 'default', id }, signal);
    expect(after?.heartbeatAt).toBeGreaterThanOrEqual(sentAt);
    expect(after?.version).toBe(before?.version);
  });

  it('of a service that does not report itself is 409, and is not noted', async () => {
    await register();
    const answer = await ask('POST /services/{id}/heartbeat', { id });
    refused(answer, 409, 'NO_HEARTBEAT_PROBE');
    expect(answer.body.error.message).toContain('register it with probe.kind "heartbeat"');
    expect((await stores.services.read({ tenant: 'default', id }, signal))?.heartbeatAt).toBeUndefined();
  });

  it('of a service that is not there is 404, of a wrong tenant 400', async () => {
    refused(await ask('POST /services/{id}/heartbeat', { id }), 404, 'NOT_FOUND');
    refused(await ask('POST /services/{id}/heartbeat', { id, query: { tenant: '?' } }), 400, 'INVALID_REQUEST');
  });
});

describe('ordering a restart', () => {
  it('is answered with 202 and the id to follow it by, and goes to the restart queue', async () => {
    await register();
    const answer = await order();
    expect(answer).toMatchObject({ status: 202, body: { tenant: 'default', id, phase: 'preparing' } });
    const { restartId } = answer.body;
    expect(await taken('restart')).toEqual([{ correlationId: answer.correlationId, tenant: 'default', id, restartId }]);
    expect((await stateOf())?.restart).toMatchObject({
      id: restartId,
      trigger: 'manual',
      reason: 'it hangs',
      force: false,
    });
  });

  it('keeps who asked, and beside it who the caller really was', async () => {
    await register();
    await order(person, 'arn:aws:iam::123456789012:user/ada');
    expect((await stateOf())?.restart?.by).toBe('ada (arn:aws:iam::123456789012:user/ada)');
  });

  it('keeps one name where both are the same', async () => {
    await register();
    await order({ ...person, user: 'arn:aws:iam::123456789012:user/ada' }, 'arn:aws:iam::123456789012:user/ada');
    expect((await stateOf())?.restart?.by).toBe('arn:aws:iam::123456789012:user/ada');
  });

  it('is 409 RESTART_001 while another one is under way', async () => {
    await register();
    await order();
    await taken('restart');
    refused(await order(), 409, 'RESTART_001');
    expect(await taken('restart')).toEqual([]);
  });

  it('is 409 RESTART_LIMIT past the budget, and done all the same with force', async () => {
    await register();
    await setState(id, { restartTimes: [1, 2, 3].map((ago) => Date.now() - ago * 60_000) });
    refused(await order(), 409, 'RESTART_LIMIT');
    expect(await order({ ...person, force: true })).toMatchObject({ status: 202 });
  });

  it('is 409 NO_RESTART_STEPS where there is no way to restart', async () => {
    await register({ restart: {} });
    refused(await order(), 409, 'NO_RESTART_STEPS');
  });

  it('of a service that is not there is 404', async () => {
    refused(await order(), 404, 'NOT_FOUND');
  });

  it.each([
    [undefined, 'user', 'is missing; give text'],
    [{ user: 'ada' }, 'reason', 'is missing; give text'],
    [{ ...person, user: ' ' }, 'user', 'must not be empty'],
    [{ ...person, force: 'yes' }, 'force', 'must be true or false, not text'],
    [{ ...person, mode: 'stop' }, 'mode', 'must be one of restart, reload'],
    [{ ...person, timeoutSeconds: 0 }, 'timeoutSeconds', 'must be at least 1'],
    [{ ...person, timeoutSeconds: 301 }, 'timeoutSeconds', 'must be at most 300'],
    [{ ...person, why: 'x' }, 'why', 'is not a known field; remove it or correct its name'],
  ])('with the body %j is 400', async (body, path, message) => {
    await register();
    const answer = await ask('POST /services/{id}/restart', { id, body });
    refused(answer, 400, 'INVALID_REQUEST');
    expect(answer.body.error.details).toContainEqual({ path, message });
    expect((await stateOf())?.restart).toBeUndefined();
  });

  it('with a wrong tenant is 400', async () => {
    const answer = await ask('POST /services/{id}/restart', { id, body: person, query: { tenant: 'A' } });
    refused(answer, 400, 'INVALID_REQUEST');
  });

  it('with a body that is no JSON is 400', async () => {
    refused(await ask('POST /services/{id}/restart', { id, text: 'user=ada' }), 400, 'INVALID_JSON');
  });
});

describe('cancelling a restart', () => {
  it('is done while nothing has been sent', async () => {
    await register();
    const { restartId } = (await order()).body;
    expect(await cancel()).toMatchObject({ status: 200, body: { restartId, phase: 'cancelled' } });
    expect(await stateOf()).toMatchObject({ restart: { phase: 'cancelled', outcome: expect.stringContaining('bob') } });
  });

  it('keeps who and why, and beside it who the caller really was', async () => {
    await register();
    await order();
    const caller = 'arn:aws:iam::123456789012:user/bob';
    await cancel({ user: 'bob', reason: 'the wrong host' }, caller);
    const { body } = await ask('GET /services/{id}/restart', { id });
    expect(body).toMatchObject({ cancelledBy: `bob (${caller})`, cancelReason: 'the wrong host' });
  });

  it('with a reason that says nothing is 400', async () => {
    await register();
    await order();
    const answer = await cancel({ user: 'bob', reason: ' ' });
    refused(answer, 400, 'INVALID_REQUEST');
    expect(answer.body.error.details).toMatchObject([{ path: 'reason' }]);
    expect((await stateOf())?.restart?.phase).toBe('preparing');
  });

  it('says what phase it is in, and who was first, while what was done before is undone', async () => {
    await register();
    const restart = makeRestart({
      ...{ phase: 'preparing', deadlineAt: Date.now() + 60_000, actIndex: 1 },
      acts: (['before', 'backup', 'restart', 'after'] as const).map((kind) => ({ kind, step: hook(kind) })),
    });
    await setState(id, { health: 'unhealthy', incident: makeIncident(), restart });
    const accepted = {
      status: 200,
      body: { restartId: restart.id, phase: 'recovering', cancelledBy: 'bob (anonymous)' },
    };
    expect(await cancel()).toMatchObject(accepted);
    expect(await cancel({ user: 'carol' })).toMatchObject(accepted);
    expect(await stateOf()).toMatchObject({ restart: { cancelledBy: 'bob (anonymous)', acts: [{ kind: 'after' }] } });
  });

  it('is 409 RESTART_002 once it has been begun, and where there is none', async () => {
    await register();
    refused(await cancel(), 409, 'RESTART_002');
    const restart = makeRestart({ phase: 'restarting', begunAt: T0, deadlineAt: Date.now() + 60_000 });
    await setState(id, { health: 'unhealthy', incident: makeIncident(), restart });
    refused(await cancel(), 409, 'RESTART_002');
  });

  it('names who is missing, and knows no other service', async () => {
    const answer = await cancel({});
    refused(answer, 400, 'INVALID_REQUEST');
    expect(answer.body.error.details).toEqual([{ path: 'user', message: 'is missing; give text' }]);
    refused(await cancel(), 404, 'NOT_FOUND');
  });
});
