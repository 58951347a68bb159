// Dependencies through the API: circles are refused, healths are shown both ways, and a restart may take all along.
import { describe, expect, it } from 'vitest';

import { ask, register, setState, stores, taken } from './api-bench.ts';

const http = (id: string) => ({
  id,
  name: id,
  probe: { kind: 'http' as const, url: `https://${id}.example.com/health` },
});
const on = (id: string, ...services: string[]) =>
  register({ ...http(id), dependsOn: services.map((service) => ({ service })) });

describe('dependencies', () => {
  it('are shown with their healths, and dependents too; what is not registered is unknown', async () => {
    await on('db');
    await on('shop', 'db', 'mail');
    await setState('db', { health: 'unhealthy' });
    expect((await ask('GET /services/{id}', { id: 'shop' })).body).toMatchObject({
      dependencies: [
        { service: 'db', essential: true, health: 'unhealthy' },
        { service: 'mail', essential: true, health: 'unknown' },
      ],
      dependents: [],
    });
    expect((await ask('GET /services/{id}', { id: 'db' })).body).toMatchObject({
      dependencies: [],
      dependents: [{ service: 'shop', essential: true, health: 'pending' }],
    });
  });

  it('are of their own tenant', async () => {
    await on('db');
    await register({ ...http('shop'), tenant: 'other', dependsOn: [{ service: 'db' }] });
    expect((await ask('GET /services/{id}', { id: 'db' })).body.dependents).toEqual([]);
    const shop = await ask('GET /services/{id}', { id: 'shop', query: { tenant: 'other' } });
    expect(shop.body.dependencies).toEqual([{ service: 'db', essential: true, health: 'unknown' }]);
  });

  it('in a circle are refused, with the circle, and in the audit', async () => {
    await on('a', 'b');
    await on('b', 'c');
    const answer = await on('c', 'a');
    expect(answer.status).toBe(400);
    expect(answer.body.error.details).toEqual([
      { path: 'dependsOn[0].service', message: expect.stringMatching(/^closes a circle: c -> a -> b -> c;/) },
    ]);
    expect((await ask('GET /services/{id}', { id: 'c' })).status).toBe(404);
  });

  it('are forgotten with the service', async () => {
    await on('db');
    await on('shop', 'db');
    await ask('DELETE /services/{id}', { id: 'shop' });
    expect((await ask('GET /services/{id}', { id: 'db' })).body.dependents).toEqual([]);
  });
});

describe('a restart with cascade', () => {
  it('is ordered with the wish noted, which shows while it is followed', async () => {
    await on('db');
    const body = { user: 'ada', reason: 'new certificates', cascade: true };
    const { status, body: answer } = await ask('POST /services/{id}/restart', { id: 'db', body });
    expect(status).toBe(202);
    expect((await taken('restart')).length).toBe(1);
    const stored = await stores.services.read({ tenant: 'default', id: 'db' }, AbortSignal.timeout(5_000));
    expect(stored?.state.restart).toMatchObject({ id: answer.restartId, cascade: true });
    expect((await ask('GET /services/{id}/restart', { id: 'db' })).body.cascade).toBeNull();

    const cascade = {
      restartId: answer.restartId as string,
      by: 'ada',
      reason: 'why',
      force: false,
      level: 0,
      nextAt: 0,
    };
    const restart = { ...stored!.state.restart!, phase: 'completed' as const };
    await setState('db', { restart, cascade });
    const shown = () => ask('GET /services/{id}/restart', { id: 'db' });
    expect((await shown()).body.cascade).toEqual({
      restartId: answer.restartId,
      user: 'ada',
      levels: null,
      level: null,
    });
    await setState('db', { cascade: { ...cascade, levels: [['shop'], ['mobile']], level: 1 } });
    expect((await shown()).body.cascade).toMatchObject({ levels: [['shop'], ['mobile']], level: 2 });

    const again = await ask('POST /services/{id}/restart', { id: 'db', body });
    expect([again.status, again.body.error.code]).toEqual([409, 'RESTART_001']);
    expect((await ask('POST /services/{id}/restart/cancel', { id: 'db', body: { user: 'ada' } })).status).toBe(200);
    expect((await shown()).body.cascade).toBeNull();
  });
});
