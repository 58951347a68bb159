// One-machine mode without a single round: what happens to a local service is heard of, and that alone heals it.
import { join } from 'node:path';

import { afterAll, beforeAll, expect, it } from 'vitest';

import { type Cloud, startCloud } from '../../local/cloud.ts';
import { readSettings } from '../../local/settings.ts';
import { apiClient, eventually, freePort, makeStage } from './one-machine.ts';

const stage = makeStage();
const faults: unknown[] = [];
let cloud: Cloud;
let port: number;

beforeAll(async () => {
  port = await freePort();
  const service = { cluster: 'prod', service: 'lamp', command: stage.command('lamp', port), port, env: stage.env };
  cloud = await startCloud({
    settings: readSettings(
      { LAMPLIGHTER_PORT: '0', LAMPLIGHTER_DATA_DIR: join(stage.path, 'data') },
      { ecs: { services: [service] } },
    ),
    print: () => undefined,
    onError: (error) => void faults.push(error),
  });
}, 40_000);

afterAll(async () => {
  try {
    await cloud.stop();
  } finally {
    stage.clear();
  }
});

it('a killed service is noticed at once and healed, though no round ever comes', { timeout: 60_000 }, async () => {
  const api = apiClient(cloud.apiUrl);
  await eventually('the service', () => stage.lives('lamp').length === 1, 10_000);
  await eventually(
    'its answer',
    () =>
      fetch(`http://127.0.0.1:${port}/health`).then(
        ({ ok }) => ok,
        () => false,
      ),
    10_000,
  );
  const response = await fetch(`${cloud.apiUrl}/services/lamp`, {
    method: 'PUT',
    body: JSON.stringify({
      probe: { kind: 'http', url: `http://127.0.0.1:${port}/health`, intervalSeconds: 2, timeoutSeconds: 0.5 },
      policy: { failureThreshold: 1, successThreshold: 1 },
      restart: { warmUpSeconds: 0, steps: [{ kind: 'ecs', cluster: 'prod', service: 'lamp' }] },
    }),
  });
  expect(response.status).toBe(201);
  await eventually('healthy', async () => (await api.service('lamp'))?.health === 'healthy', 10_000);
  // A look counts when the last one is an interval old; AWS tells the time of events in whole seconds.
  const registeredAt = Date.now();
  await eventually('an interval later', () => Date.now() - registeredAt > 3_000, 10_000);

  process.kill(stage.lives('lamp')[0] ?? 0, 'SIGKILL');
  const isToldOf = async (kind: string) => (await api.events('lamp')).some((event) => event.kind === kind);
  await eventually('the outage', () => isToldOf('unhealthy'), 10_000);
  await eventually(
    'healthy again',
    async () => {
      const view = await api.service('lamp');
      return view?.health === 'healthy' && view.incident === null && view.totalRestarts === 1;
    },
    30_000,
  );
  expect(stage.lives('lamp')).toHaveLength(2);
  expect(faults).toEqual([]);
});
