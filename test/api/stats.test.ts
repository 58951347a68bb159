// Numbers through the API as API Gateway calls it, of roll-ups that the production code made of recorded minutes.
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DeleteCommand, DynamoDBDocumentClient, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { beforeEach, describe, expect, it } from 'vitest';

import {
  DAY,
  HOUR,
  recordMinutes,
  recordOutages,
  registerFleet,
  repeatBackwards,
  rollUpAt,
} from '../make/rolled-days.ts';
import { ask, SHARDS, signal, stores } from './api-bench.ts';

const start = Date.UTC(2026, 0, 5);
const past = { stores, shards: SHARDS, services: 12, start };
const iso = (at: number) => new Date(at).toISOString();
const stats = (id: string, query: Record<string, string> = {}) => ask('GET /services/{id}/stats', { id, query });
const ofProject = (project: string, query = {}) => ask('GET /projects/{project}/stats', { project, query });
/** Three hours and a bit of the day, of which three are complete. */
async function threeHours() {
  await registerFleet(past);
  await recordMinutes(past, 190);
  await recordOutages(past, 3);
  await rollUpAt(past, start + 3 * HOUR + HOUR / 6);
}

describe('before the first roll-up', () => {
  it('there are no numbers, and that is said', async () => {
    await registerFleet({ ...past, services: 1 });
    const { status, body } = await stats('service-0');
    expect(status).toBe(200);
    expect(body).toMatchObject({ service: 'service-0', uptimePercent: null, window: { hours: 0 } });
    expect(await ask('GET /stats')).toMatchObject({ status: 200, body: { uptimePercent: null, health: {} } });
    expect(await stats('nobody')).toMatchObject({ status: 404, body: { error: { code: 'NOT_FOUND' } } });
  });
});

describe('numbers', () => {
  beforeEach(threeHours);

  it('of a service are of the last whole hours', async () => {
    const { status, body } = await stats('service-7', { window: '3h' });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      ...{ tenant: 'default', service: 'service-7', uptimePercent: 83.333 },
      window: { from: iso(start), until: iso(start + 3 * HOUR), hours: 3 },
      verdicts: { up: 150, slow: 0, down: 30, unknown: 0 },
      incidents: {
        ...{ failures: 3, recovered: 3, downtimeSeconds: 3 * 480, mtbfSeconds: 3_600 - 480 },
        ...{ mttrWithRestartSeconds: 480, mttrWithoutRestartSeconds: null, timeToDetectSeconds: 120 },
      },
      restarts: { completed: 3, failed: 0, relapsed: 2, successPercent: 33.333, timeToHealSeconds: 400 },
      health: { healthy: 1 },
    });
    expect((await stats('service-7', { window: '1h' })).body).toMatchObject({
      window: { from: iso(start + 2 * HOUR), hours: 1 },
      verdicts: { up: 50, down: 10 },
    });
    expect((await stats('service-0', { window: '1h' })).body).toMatchObject({ uptimePercent: 100 });
  });

  it('of a project and of the fleet are those of all their services', async () => {
    for (const { status, body } of [
      await ofProject('project-0', { window: '2h' }),
      await ask('GET /stats', { query: { window: '2h' } }),
    ]) {
      expect(status).toBe(200);
      expect(body).toMatchObject({
        ...{ verdicts: { up: 12 * 120 - 20, down: 20 }, incidents: { failures: 2 }, health: { healthy: 12 } },
      });
    }
    expect(await ofProject('nothing')).toMatchObject({ status: 404, body: { error: { code: 'NOT_FOUND' } } });
    expect(await ofProject('project-0', { tenant: 'other' })).toMatchObject({ status: 404 });
  });

  it('are kept of a service that is gone', async () => {
    await stores.services.remove({ tenant: 'default', id: 'service-7' }, signal);
    expect((await stats('service-7', { window: '3h' })).body).toMatchObject({ verdicts: { up: 150, down: 30 } });
  });

  it.each(['0h', '401d', '5m', 'x', '1.5h'])('are of a window that makes sense: %s', async (window) => {
    for (const answer of [await stats('service-7', { window }), await ask('GET /stats', { query: { window } })]) {
      expect(answer).toMatchObject({ status: 400, body: { error: { code: 'INVALID_REQUEST' } } });
      expect(answer.body.error.details).toEqual([
        { path: 'window', message: 'must be a time such as 24h or 30d, at most 400d' },
      ]);
    }
    expect((await ofProject('project-0', { window })).status).toBe(400);
  });
});

describe('a month', () => {
  it('is made of whole days, with hours at its edges', async () => {
    const days = { ...past, services: 1 };
    await registerFleet(days);
    await recordMinutes(days, 27 * 60);
    await rollUpAt(days, start + 27 * HOUR + HOUR / 6);
    await repeatBackwards(days, 30);
    const { body } = await stats('service-0', { window: '30d' });
    expect(body).toMatchObject({
      window: { from: iso(start + 27 * HOUR - 30 * DAY), until: iso(start + 27 * HOUR) },
      verdicts: { up: 30 * 1_440, slow: 0, down: 0, unknown: 0 },
    });
    expect((await ask('GET /stats', { query: { window: '30d' } })).body.verdicts.up).toBe(30 * 1_440);
  }, 60_000);

  it('is answered of roll-ups alone: nothing else need be there any more', async () => {
    await threeHours();
    const asked = async () => [
      await stats('service-7', { window: '3h' }),
      await ofProject('project-0', { window: '3h' }),
      await ask('GET /stats', { query: { window: '3h' } }),
    ];
    const before = await asked();
    const client = DynamoDBDocumentClient.from(new DynamoDBClient({}));
    const { Items = [] } = await client.send(
      new ScanCommand({ TableName: 'lamplighter', ProjectionExpression: 'pk, sk' }),
    );
    const others = Items.filter(({ pk }) => !String(pk).startsWith('ROLLUP#'));
    expect(others.length).toBeGreaterThan(500);
    for (const Key of others) await client.send(new DeleteCommand({ TableName: 'lamplighter', Key }));
    client.destroy();
    expect(await asked()).toEqual(before);
  });
});
