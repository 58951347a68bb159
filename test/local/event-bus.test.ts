// An outage on one machine, as the event bus hears of it: the whole way, with the real clients.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

import { afterAll, beforeAll, expect, it } from 'vitest';

import { type Cloud, startCloud } from '../../local/cloud.ts';
import { readSettings } from '../../local/settings.ts';
import { eventually, makeStage } from './one-machine.ts';

const stage = makeStage();
const faults: unknown[] = [];
const printed: string[] = [];
let cloud: Cloud;
beforeAll(async () => {
  const env = { LAMPLIGHTER_PORT: '0', LAMPLIGHTER_DATA_DIR: join(stage.path, 'data') };
  const settings = readSettings(env, { alerts: { eventBus: 'arn:aws:events:us-east-1:000000000000:event-bus/ops' } });
  const print = (text: string) => void printed.push(text);
  cloud = await startCloud({ settings, print, onError: (error) => void faults.push(error) });
  cloud.startRounds();
}, 40_000);
afterAll(async () => {
  await cloud.stop();
  stage.clear();
});

type Entry = { source: string; 'detail-type': string; detail: Record<string, unknown> };
async function onBus(): Promise<Entry[]> {
  const text = await (await fetch(`${cloud.awsUrl}/event-bus/ops`)).text();
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Entry);
}
const lines = (entries: readonly Entry[]) =>
  entries.map(({ 'detail-type': type, detail }) =>
    type === 'Lamplighter Alert' ? String(detail['kind']) : `${String(detail['from'])} > ${String(detail['to'])}`,
  );

it('is an entry for each change of health and for each alert', { timeout: 60_000 }, async () => {
  let isWell = true;
  const server = createServer((_, response) => response.writeHead(isWell ? 200 : 500).end());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const document = {
    probe: {
      ...{ kind: 'http', url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/` },
      ...{ intervalSeconds: 1, retries: 0 },
    },
    policy: { failureThreshold: 1, successThreshold: 1 },
  };
  await fetch(`${cloud.apiUrl}/services/web`, {
    ...{ method: 'PUT', body: JSON.stringify(document) },
    headers: { 'content-type': 'application/json' },
  });
  const hears = (line: string) =>
    eventually(
      line,
      async () => lines(await onBus()).includes(line),
      20_000,
      async () => [await onBus(), faults],
    );
  await hears('pending > healthy');
  isWell = false;
  await hears('unhealthy');
  isWell = true;
  await hears('recovered');
  const heard = lines(await onBus());
  expect([...heard].sort()).toEqual(
    ['pending > healthy', 'healthy > unhealthy', 'unhealthy', 'unhealthy > healthy', 'recovered'].sort(),
  );
  expect(printed.filter((text) => text.startsWith('event bus ops: '))).toHaveLength(5);
  expect(faults).toEqual([]);
  server.close();
});
