// Taking a service out of service and putting it back, and asking for the lighter form of a restart.
import { describe, expect, it } from 'vitest';

import { everything, mainStep } from '../make/acts.ts';
import { makeRestart, T0 } from '../make/state.ts';
import { type Answer, ask, register, setState, signal, stores, taken } from './api-bench.ts';

const id = 'billing-api';
const person = { user: 'ada', reason: 'moving house' };
const pause = (body: unknown = person, caller?: string) =>
  ask('POST /services/{id}/pause', { id, body, ...(caller && { caller }) });
const resume = (body: unknown = { user: 'bob' }) => ask('POST /services/{id}/resume', { id, body });
const shown = async () => (await ask('GET /services/{id}', { id })).body;
const stateOf = async () => (await stores.services.read({ tenant: 'default', id }, signal))!.state;
const recorded = async () =>
  (await stateOf()).intents.flatMap((intent) => (intent.kind === 'record' ? [intent.record.kind] : []));
const refused = (answer: Answer, status: number, code: string) =>
  expect([answer.status, answer.body.error.code]).toEqual([status, code]);
const soon = (ms: number) => new Date(Date.now() + ms).toISOString();

describe('pausing a service', () => {
  it('is answered with who, why and since when, shown with the service, and kept in its timeline', async () => {
    await register();
    const answer = await pause();
    const paused = { user: 'ada (anonymous)', reason: 'moving house', since: expect.any(String), until: null };
    expect(answer).toMatchObject({ status: 200, body: { tenant: 'default', id, paused } });
    expect((await shown()).paused).toEqual(answer.body.paused);
    expect(await recorded()).toEqual(['paused']);
  });

  it('ends by itself when it says until when, and is not shown any more then', async () => {
    await register();
    const until = soon(3_600_000);
    expect((await pause({ ...person, until }, 'ada')).body.paused).toMatchObject({ user: 'ada', until });
    expect((await shown()).paused).toMatchObject({ until });
    await setState(id, { paused: { by: 'ada', at: T0, until: Date.now() - 1 } });
    expect((await shown()).paused).toBeNull();
  });

  it('takes a time with an offset', async () => {
    await register();
    const answer = await pause({ ...person, until: '2999-01-31T14:00:00+02:00' });
    expect(answer.body.paused.until).toBe('2999-01-31T12:00:00.000Z');
  });

  it('twice is once, and with another reason replaces it', async () => {
    await register();
    const first = await pause();
    expect((await pause()).body).toEqual(first.body);
    expect(await recorded()).toEqual(['paused']);
    expect((await pause({ ...person, reason: 'still moving' })).body.paused.reason).toBe('still moving');
  });

  it.each([
    [{ user: 'ada' }, 'reason', 'is missing; give text'],
    [{ reason: 'x' }, 'user', 'is missing; give text'],
    [{ ...person, until: 'tomorrow' }, 'until', 'must be a time such as 2026-01-31T12:00:00Z'],
    [{ ...person, until: '2026-01-31' }, 'until', 'must be a time such as 2026-01-31T12:00:00Z'],
    [{ ...person, until: '2020-01-31T12:00:00Z' }, 'until', 'must be in the future'],
    [{ ...person, till: 'x' }, 'till', 'is not a known field; remove it or correct its name'],
  ])('with the body %j is 400', async (body, path, message) => {
    await register();
    const answer = await pause(body);
    refused(answer, 400, 'INVALID_REQUEST');
    expect(answer.body.error.details).toEqual([{ path, message }]);
    expect((await stateOf()).paused).toBeUndefined();
  });

  it('of a service that is not there is 404, and so is resuming it', async () => {
    refused(await pause(), 404, 'NOT_FOUND');
    refused(await resume(), 404, 'NOT_FOUND');
  });
});

describe('resuming a service', () => {
  it('ends its pause, and is as wanted where there was none', async () => {
    await register();
    await pause();
    for (let times = 0; times < 2; times += 1)
      expect(await resume()).toMatchObject({ status: 200, body: { tenant: 'default', id, paused: null } });
    expect((await shown()).paused).toBeNull();
    expect(await recorded()).toEqual(['paused', 'resumed']);
  });

  it('needs a name', async () => {
    await register();
    refused(await resume({}), 400, 'INVALID_REQUEST');
  });
});

describe('asking for a restart with everything around it', () => {
  const order = (body: object) => ask('POST /services/{id}/restart', { id, body: { ...person, ...body } });
  const kinds = (acts: { kind: string }[]) => acts.map(({ kind }) => kind).join(' ');
  const graceful = () => register({ restart: { steps: [mainStep], ...everything } });

  it.each<[{ force?: boolean; mode?: string; timeoutSeconds?: number }, string, number | undefined]>([
    [{}, 'before validate backup drain restart after', undefined],
    [{ timeoutSeconds: 300 }, 'before validate backup drain restart after', 300],
    [{ force: true }, 'before validate backup restart after', undefined],
    [{ mode: 'reload' }, 'before validate backup restart after', undefined],
  ])('with %j plans %s', async (body, acts, drainSeconds) => {
    await graceful();
    expect((await order(body)).status).toBe(202);
    const { restart } = await shown();
    expect(kinds(restart.acts)).toBe(acts);
    const { force = false, mode = 'restart' } = body;
    expect(restart).toMatchObject({ mode, force, activeRequests: null });
    expect((await stateOf()).restart?.drainSeconds).toBe(drainSeconds);
    expect(await taken('restart')).toHaveLength(1);
  });

  it('by reload is 409 NO_RELOAD where none is registered', async () => {
    await register();
    refused(await order({ mode: 'reload' }), 409, 'NO_RELOAD');
    expect(await taken('restart')).toEqual([]);
  });

  it('shows what it waits for', async () => {
    await graceful();
    await setState(id, {
      restart: makeRestart({ phase: 'waiting_requests', acts: [{ kind: 'drain' }], activeRequests: 4 }),
    });
    expect((await ask('GET /services/{id}/restart', { id })).body).toMatchObject({
      ...{ phase: 'waiting_requests', underWay: true, activeRequests: 4 },
      acts: [{ kind: 'drain', state: 'current' }],
    });
  });
});
