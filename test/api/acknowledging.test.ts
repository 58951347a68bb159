// Taking an open incident upon oneself, and what is shown of alerts that nobody got.
import { describe, expect, it } from 'vitest';

import { makeIncident, T0 } from '../make/state.ts';
import { ask, register, setState, signal, stores } from './api-bench.ts';

const id = 'billing-api';
const person = { user: 'eve', reason: 'on it' };
const acknowledge = (body: unknown = person, caller?: string) =>
  ask('POST /services/{id}/acknowledge', { id, body, ...(caller && { caller }) });
const shown = async () => (await ask('GET /services/{id}', { id })).body;
const isDown = () => setState(id, { health: 'unhealthy', incident: makeIncident() });

describe('acknowledging an incident', () => {
  it('is answered with who, why and since when, shown with the incident, and kept in its timeline', async () => {
    await register();
    await isDown();
    const answer = await acknowledge();
    const acknowledged = { user: 'eve (anonymous)', reason: 'on it', since: expect.any(String), until: null };
    expect(answer).toMatchObject({ status: 200, body: { tenant: 'default', id, acknowledged } });
    expect((await shown()).incident.acknowledged).toEqual(answer.body.acknowledged);
    const { state } = (await stores.services.read({ tenant: 'default', id }, signal))!;
    expect(state.intents).toMatchObject([{ kind: 'record', record: { kind: 'acknowledged', incidentId: 'inc-1' } }]);
  });

  it('ends by itself when it says until when, and is not shown any more then', async () => {
    await register();
    await isDown();
    const until = new Date(Date.now() + 3_600_000).toISOString();
    expect((await acknowledge({ ...person, until }, 'eve')).body.acknowledged).toMatchObject({ user: 'eve', until });
    const over = { by: 'eve', at: T0, until: Date.now() - 1 };
    await setState(id, { health: 'unhealthy', incident: makeIncident({ acknowledged: over }) });
    expect((await shown()).incident.acknowledged).toBeNull();
  });

  it('is refused where there is no incident, or no service', async () => {
    await register();
    expect(await acknowledge()).toMatchObject({ status: 409, body: { error: { code: 'NO_INCIDENT' } } });
    const nobody = await ask('POST /services/{id}/acknowledge', { id: 'nobody', body: person });
    expect(nobody).toMatchObject({ status: 404, body: { error: { code: 'NOT_FOUND' } } });
  });

  it.each([
    [{ reason: 'x' }, 'user', 'is missing; give text'],
    [{ ...person, until: 'tomorrow' }, 'until', 'must be a time such as 2026-01-31T12:00:00Z'],
    [{ ...person, until: '2020-01-31T12:00:00Z' }, 'until', 'must be in the future'],
    [{ ...person, till: 'x' }, 'till', 'is not a known field; remove it or correct its name'],
  ])('with %o names the fault at %s', async (body, path, message) => {
    await register();
    await isDown();
    const answer = await acknowledge(body);
    expect([answer.status, answer.body.error.details]).toEqual([400, [{ path, message }]]);
  });

  it('leaves an entry in the audit', async () => {
    await register();
    await acknowledge();
    const { body } = await ask('GET /services/{id}/audit', { id });
    expect(body.entries[0]).toMatchObject({ action: 'incident.acknowledged', ...person, outcome: 'NO_INCIDENT' });
  });
});

describe('alerts that nobody got', () => {
  it('are shown by reason with the service, and summed in the fleet', async () => {
    await register();
    await setState(id, { heldBack: { storm: 2, flapping: 5 }, flapping: { id: 'flap-1', since: T0 } });
    const heldBack = expect.objectContaining({ storm: 2, flapping: 5, folded: 0 });
    expect((await shown()).alerts).toEqual({ flappingSince: new Date(T0).toISOString(), heldBack });
    expect((await ask('GET /fleet')).body.alerts).toEqual({ heldBack });
  });
});
