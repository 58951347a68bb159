// The loopback EventBridge as the real client sees it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { EventBridgeClient, PutEventsCommand, type PutEventsRequestEntry } from '@aws-sdk/client-eventbridge';
import { afterEach, beforeEach, expect, it } from 'vitest';

import { openEvents } from '../../local/aws/events.ts';
import { awsServer } from '../../local/aws/wire.ts';
import { close, listen } from '../../local/loopback-server.ts';
import { openStorage } from '../../local/storage.ts';

let folder: string;
let printed: string[];
let origin: string;
let client: EventBridgeClient;
let stop: () => Promise<void>;

async function start() {
  const storage = await openStorage(folder);
  const print = (text: string) => void printed.push(text);
  const events = await openEvents({ storage, buses: ['ops'], print, now: () => 0 });
  const server = awsServer({
    ...{ json: [events.service], query: () => Promise.resolve(''), get: events.get },
    dynamodb: (_, response) => response.end(),
  });
  origin = await listen(server, 0);
  client = new EventBridgeClient({
    ...{ endpoint: origin, region: 'eu-central-1', maxAttempts: 1 },
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  });
  stop = async () => {
    client.destroy();
    await close(server);
    await storage.close();
  };
}
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lamplighter-events-'));
  printed = [];
  await start();
});
afterEach(async () => {
  await stop();
  rmSync(folder, { recursive: true, force: true });
});

const one: PutEventsRequestEntry = { EventBusName: 'ops', Source: 'me', DetailType: 'Something', Detail: '{"n":1}' };
const put = (...Entries: PutEventsRequestEntry[]) => client.send(new PutEventsCommand({ Entries }));
const shown = async (bus = 'ops') => {
  const response = await fetch(`${origin}/event-bus/${bus}`);
  const text = await response.text();
  return response.ok
    ? text
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as unknown)
    : response.status;
};

it('prints what it takes, keeps it through a new start, and shows it', async () => {
  const { Entries, FailedEntryCount } = await put(one, { ...one, Time: new Date(5_000), Detail: '{"n":2}' });
  expect(FailedEntryCount).toBe(0);
  expect(printed).toEqual(['event bus ops: Something {"n":1}', 'event bus ops: Something {"n":2}']);
  await stop();
  await start();
  await put({ ...one, Detail: '{"n":3}' });
  const common = { bus: 'ops', source: 'me', 'detail-type': 'Something' };
  expect(await shown()).toMatchObject([
    { ...common, id: Entries?.[0]?.EventId, time: '1970-01-01T00:00:00.000Z', detail: { n: 1 } },
    { ...common, id: Entries?.[1]?.EventId, time: '1970-01-01T00:00:05.000Z', detail: { n: 2 } },
    { ...common, detail: { n: 3 } },
  ]);
});

it('keeps the newest thousand', async () => {
  for (let call = 0; call < 101; call += 1)
    await put(...Array.from({ length: 10 }, (_, index) => ({ ...one, Detail: `{"n":${10 * call + index}}` })));
  const all = (await shown()) as { detail: { n: number } }[];
  expect([all.length, all[0]?.detail.n, all.at(-1)?.detail.n]).toEqual([1_000, 10, 1_009]);
});

it('takes what is meant for a bus that is not there and loses it, as AWS does, and says so', async () => {
  const { FailedEntryCount } = await put({ ...one, EventBusName: 'opps' });
  expect([FailedEntryCount, await shown(), await shown('opps')]).toEqual([0, [], 404]);
  expect(printed).toEqual(['event bus opps is not there: what is put on it is lost']);
});

it.each([
  ['MalformedDetail', { Detail: 'no JSON' }],
  ['MalformedDetail', { Detail: '[1]' }],
  ['InvalidArgument', { Source: undefined }],
  ['InvalidArgument', { DetailType: undefined }],
] as const)('refuses an entry with 200 and %s, and takes the others', async (code, change) => {
  const { FailedEntryCount, Entries } = await put({ ...one, ...change }, one);
  expect([FailedEntryCount, Entries?.[0]?.ErrorCode, Entries?.[1]?.ErrorCode]).toEqual([1, code, undefined]);
  expect(await shown()).toHaveLength(1);
});

it('refuses a call of more than ten entries, of none, and of more than 256 kB', async () => {
  const large = { ...one, Detail: JSON.stringify({ x: 'x'.repeat(140_000) }) };
  for (const entries of [Array.from({ length: 11 }, () => one), [], [large, large]])
    await expect(put(...entries)).rejects.toMatchObject({ name: 'ValidationException' });
  expect(await shown()).toEqual([]);
});
