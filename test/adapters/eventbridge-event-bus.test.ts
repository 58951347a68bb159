// The real EventBridge client against the loopback EventBridge, and against one that throttles, fails and says nothing.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { createEventBridgeBus } from '../../lambdas/adapters/eventbridge-event-bus.ts';
import type { BusEntry } from '../../lambdas/core/bus/entries.ts';
import { type LocalEvents, openEvents } from '../../local/aws/events.ts';
import { AwsFault, awsServer, type JsonService } from '../../local/aws/wire.ts';
import { close, listen } from '../../local/loopback-server.ts';
import { openStorage, type Storage } from '../../local/storage.ts';
import { fakeClock, START } from '../fakes/fake-clock.ts';

const { signal } = new AbortController();
const entry = (key: string, bytes = 0): BusEntry => ({
  ...{ key, type: 'Lamplighter Alert', at: START + 500 },
  detail: JSON.stringify({ deduplicationKey: key, filling: 'x'.repeat(bytes) }),
});
const entries = (count: number, bytes?: number) =>
  Array.from({ length: count }, (_, index) => entry(`k${index}`, bytes));

type Input = { Entries: { EventBusName: string }[] };
let folder: string;
let storage: Storage;
let local: LocalEvents;
let calls: Input[];
/** What the endpoint does instead, for the nth call. */
let instead: (call: number, input: Input) => unknown;
let server: ReturnType<typeof awsServer>;
let client: EventBridgeClient;
const printed: string[] = [];

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lamplighter-bus-'));
  storage = await openStorage(folder);
  local = await openEvents({ storage, buses: ['ops'], print: (text) => void printed.push(text) });
  calls = [];
  instead = () => undefined;
  const service: JsonService = {
    target: 'AWSEvents',
    operations: {
      PutEvents: async (input) => {
        const number = calls.push(input as Input) - 1;
        return (await instead(number, input as Input)) ?? (await local.service.operations['PutEvents']?.(input));
      },
    },
  };
  server = awsServer({ json: [service], query: () => Promise.resolve(''), dynamodb: (_, response) => response.end() });
  client = new EventBridgeClient({
    endpoint: await listen(server, 0),
    region: 'eu-central-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    maxAttempts: 1,
  });
});
afterEach(async () => {
  client.destroy();
  await close(server);
  await storage.close();
  rmSync(folder, { recursive: true, force: true });
});

const make = (bus = 'ops', patienceMs?: number) => {
  const clock = fakeClock();
  return { clock, bus: createEventBridgeBus({ client, bus, clock, patienceMs }) };
};
const kept = async () => {
  const lines = (await local.get(new URL('http://127.0.0.1/event-bus/ops'))) ?? '';
  return lines
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
};

describe('entries for an event bus', () => {
  it.each(['ops', 'arn:aws:events:eu-central-1:000000000000:event-bus/ops'])('are put on %s', async (name) => {
    expect(await make(name).bus.put([entry('k1')], signal)).toEqual([]);
    expect(await kept()).toMatchObject([
      {
        ...{ bus: 'ops', source: 'lamplighter', 'detail-type': 'Lamplighter Alert' },
        ...{ time: new Date(START + 500).toISOString(), detail: { deduplicationKey: 'k1' } },
      },
    ]);
    expect(calls[0]?.Entries[0]?.EventBusName).toBe(name);
  });

  it('are put in as few calls as there may be: ten in each', async () => {
    expect(await make().bus.put(entries(23), signal)).toEqual([]);
    expect(calls.map(({ Entries }) => Entries.length).sort()).toEqual([10, 3, 10].sort());
    expect(await kept()).toHaveLength(23);
  });

  it('are no more together than a call may hold', async () => {
    expect(await make().bus.put(entries(7, 100_000), signal)).toEqual([]);
    expect(calls.map(({ Entries }) => Entries.length).sort()).toEqual([1, 2, 2, 2]);
  });

  it('none: nobody is asked', async () => {
    expect(await make().bus.put([], signal)).toEqual([]);
    expect(calls).toEqual([]);
  });
});

describe('entries that the bus does not take', () => {
  it('are named, though the answer is 200, and the others are not', async () => {
    instead = () => ({
      FailedEntryCount: 1,
      Entries: [{ EventId: 'e1' }, { ErrorCode: 'ThrottlingException', ErrorMessage: 'slow down' }, { EventId: 'e3' }],
    });
    expect(await make().bus.put(entries(3), signal)).toEqual([{ key: 'k1', reason: 'ThrottlingException' }]);
  });

  it('are those too for which there is no answer', async () => {
    instead = () => ({ FailedEntryCount: 0, Entries: [{ EventId: 'e1' }] });
    expect(await make().bus.put(entries(2), signal)).toEqual([{ key: 'k1', reason: 'not answered for' }]);
  });

  it('are all of a call that is refused, and none of the others', async () => {
    instead = (_, { Entries }) => {
      if (Entries.length < 10) throw new AwsFault('AccessDeniedException', 'no right');
    };
    const refused = await make().bus.put(entries(12), signal);
    expect(refused).toEqual([
      { key: 'k10', reason: 'AccessDeniedException' },
      { key: 'k11', reason: 'AccessDeniedException' },
    ]);
  });

  it('are all where there is no answer in time, and then it is left in peace for half a minute', async () => {
    let isSilent = true;
    instead = () => (isSilent ? new Promise(() => undefined) : undefined);
    const { bus, clock } = make('ops', 50);
    expect(await bus.put(entries(2), signal)).toMatchObject([{ key: 'k0' }, { key: 'k1' }]);
    isSilent = false;
    clock.pass(29_999);
    expect(await bus.put(entries(1), signal)).toEqual([{ key: 'k0', reason: 'no answer a moment ago' }]);
    expect(calls).toHaveLength(1);
    clock.pass(1);
    expect(await bus.put(entries(1), signal)).toEqual([]);
  });

  it('are all of an invocation whose time is over, which says nothing against the bus', async () => {
    const { bus } = make();
    expect(await bus.put(entries(1), AbortSignal.abort())).toMatchObject([{ key: 'k0' }]);
    expect(await bus.put(entries(1), signal)).toEqual([]);
  });

  it('are all where nobody listens', async () => {
    await close(server);
    expect(await make().bus.put(entries(1), signal)).toMatchObject([{ key: 'k0' }]);
  });
});
