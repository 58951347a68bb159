// The stores on the embedded engine: the contract that the fakes keep as well, and what only a table can do wrong.
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';

import { GetCommand, PutCommand, ScanCommand, UpdateCommand, type UpdateCommandInput } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { createDynamoAuditLog } from '../../lambdas/adapters/dynamo-audit-log.ts';
import { openTable, StoreError } from '../../lambdas/adapters/dynamo-client.ts';
import { keys, stateAttributes } from '../../lambdas/contract/table.ts';
import type { AuditEntry } from '../../lambdas/core/model/audit.ts';
import { freshState } from '../../lambdas/core/model/state.ts';
import { emptyRoll } from '../../lambdas/core/numbers/roll.ts';
import { shardOf } from '../../lambdas/core/values/hash.ts';
import { type Engine, loopbackClient, startEngine } from '../engine/engine.ts';
import { openStores } from '../engine/open-stores.ts';
import { fakeLog } from '../fakes/fake-log.ts';
import { registration } from '../fakes/registrations.ts';
import { describeStores } from '../fakes/store-contract.ts';

const { signal } = new AbortController();
const NOW = 1_800_000_000_000;
let engine: Engine;
beforeAll(async () => void (engine = await startEngine()));
afterAll(async () => await engine.stop());

describeStores('embedded engine', async (shards) => openStores((await engine.freshTable()).table, shards));

describe('the service store on its table', () => {
  // The policy of the rollup function reads just so what an update names.
  it('names nothing of an item but its state, and what guards it, when it saves a state', async () => {
    const { table } = await engine.freshTable();
    const { services } = openStores(table, 1);
    await services.register(registration(), freshState(NOW), NOW, signal);
    const stored = (await services.read({ tenant: 'default', id: 'billing' }, signal))!;
    const inputs: UpdateCommandInput[] = [];
    table.client.middlewareStack.add(
      (next) => (args) => {
        inputs.push(args.input as UpdateCommandInput);
        return next(args);
      },
      { step: 'initialize', name: 'watch', override: true },
    );
    expect(await services.saveState(stored, { ...stored.state }, signal)).toBe(true);
    table.client.middlewareStack.remove('watch');
    const [{ Key = {}, UpdateExpression, ConditionExpression, ExpressionAttributeNames: names = {} }] = inputs as [
      UpdateCommandInput,
    ];
    const words = `${UpdateExpression} ${ConditionExpression}`.match(/(?<![:#\w])(?!SET\b)[#\w]+/g) ?? [];
    const attributes = [...Object.keys(Key), ...words.map((word) => names[word] ?? word)];
    expect(new Set(attributes)).toEqual(new Set(stateAttributes));
  });

  it('leaves a poisoned item out, logs and counts it, and reads all the others', async () => {
    const { table } = await engine.freshTable();
    const log = fakeLog();
    const { services } = openStores(table, 1, log);
    await services.register(registration(), freshState(NOW), NOW, signal);
    await services.register(registration({ id: 'ledger' }), freshState(NOW), NOW, signal);
    const Item = { pk: keys.shard(0), sk: 'default#poisoned', spec: { id: 'poisoned' }, state: {}, version: 'x' };
    await table.client.send(new PutCommand({ TableName: table.name, Item }));

    const read = await services.readShard(0, signal);
    expect(read.services.map(({ service }) => service.id)).toEqual(['billing', 'ledger']);
    expect(read.faults).toBe(1);
    expect(log.lines).toMatchObject([{ level: 'error', details: { item: 'default#poisoned' } }]);
    expect(JSON.stringify(log.lines[0]?.details['faults'])).toContain('spec.probe');
  });

  it('reads an item that a newer version has written, without the fields that it does not know', async () => {
    const { table } = await engine.freshTable();
    const { services } = openStores(table, 1);
    const steps = [
      { kind: 'ecs', cluster: 'prod', service: 'a' },
      { kind: 'ecs', cluster: 'prod', service: 'b' },
    ];
    const document = registration({ restart: { steps } });
    const restart = { id: 'r', phase: 'failed', step: { ...document.restart.steps[0], drain: 5 }, stepIndex: 0 };
    const more = { trigger: 'manual', by: 'a', reason: 'b', force: false, orderedAt: 1, deadlineAt: 1, touchedAt: 1 };
    const Item = {
      ...{ pk: keys.shard(0), sk: 'default#billing', version: 3, registeredAt: NOW, mood: new Set(['good']) },
      spec: {
        ...document,
        moods: ['good'],
        probe: { ...document.probe, tries: 2 },
        restart: {
          ...document.restart,
          steps: [document.restart.steps[0], { ...document.restart.steps[1], drain: 5 }],
        },
      },
      state: { ...freshState(NOW), mood: 'good', restart: { ...restart, ...more } },
    };
    await table.client.send(new PutCommand({ TableName: table.name, Item }));

    const read = await services.readShard(0, signal);
    expect(read.faults).toBe(0);
    expect(read.services[0]?.document).toEqual(document);
    const stored = await services.read({ tenant: 'default', id: 'billing' }, signal);
    expect(stored?.document).toEqual(document);
    expect(stored?.state.restart?.step).toEqual(document.restart.steps[0]);
  });

  it.each([
    [
      'a field of another kind',
      { probe: { kind: 'tcp', host: 'a', port: 'x', retries: 0, tries: 2 } },
      'spec.probe.port',
    ],
    ['a contradiction', { probe: { kind: 'http', retries: 0, tries: 2 } }, 'spec.probe.url'],
  ])('holds %s for a fault all the same', async (_, change, path) => {
    const { table } = await engine.freshTable();
    const log = fakeLog();
    const { services } = openStores(table, 1, log);
    const spec = { ...registration(), ...change };
    const Item = {
      pk: keys.shard(0),
      sk: 'default#billing',
      spec,
      state: freshState(NOW),
      version: 0,
      registeredAt: NOW,
    };
    await table.client.send(new PutCommand({ TableName: table.name, Item }));
    expect(await services.readShard(0, signal)).toEqual({ services: [], faults: 1 });
    expect(JSON.stringify(log.lines)).toContain(path);
    const read = services.read({ tenant: 'default', id: 'billing' }, signal);
    await expect(read).rejects.toThrow(StoreError);
    await expect(read).rejects.toMatchObject({ isTransient: false });
  });

  it('reads every page of a shard of more than a megabyte', async () => {
    const { table, usage } = await engine.freshTable();
    const { services } = openStores(table, 1);
    const apiEndpoints = Array.from({ length: 50 }, () => 'x'.repeat(500));
    const ids = Array.from({ length: 90 }, (_, n) => `service-${String(n).padStart(2, '0')}`);
    await Promise.all(
      ids.map((id) => services.register(registration({ id, apiEndpoints }), freshState(NOW), NOW, signal)),
    );
    const read = await services.readShard(0, signal);
    expect(read.services.map(({ service }) => service.id)).toEqual(ids);
    expect(usage.commands.filter((command) => command === 'QueryCommand').length).toBeGreaterThan(1);
  });

  it('lays a service into the shard of its name, and dates rows and records for the time to live', async () => {
    const { table } = await engine.freshTable();
    const { services, results, timeline } = openStores(table, 16);
    await services.register(registration(), freshState(NOW), NOW, signal);
    const item = async (pk: string, sk: string) =>
      (await table.client.send(new GetCommand({ TableName: table.name, Key: { pk, sk } }))).Item;
    expect(await item(keys.shard(shardOf('default', 'billing', 16)), 'default#billing')).toMatchObject({ version: 0 });

    const row = {
      shard: 2,
      network: 'public' as const,
      beat: NOW,
      startedAt: NOW,
      finishedAt: NOW,
      due: 1,
      checked: 1,
      results: Uint8Array.of(1),
    };
    await results.saveRow(row, NOW + 1_999, signal);
    expect(await item('RESULTS#02', keys.beat(NOW))).toMatchObject({ ttl: NOW / 1000 + 1 });

    const key = { tenant: 'default', id: 'billing' };
    const ended = { kind: 'restart_completed', level: 'info', message: 'verified', action: 'restart' } as const;
    await timeline.append({ ...ended, ...key, at: NOW, intentId: 'i1' }, NOW + 1_999, signal);
    const pk = keys.timeline(key.tenant, key.id);
    for (const sk of [keys.event(NOW, 'i1'), keys.restart(NOW, 'i1')])
      expect(await item(pk, sk)).toMatchObject({ ttl: NOW / 1000 + 1 });
    expect(await item('TIMELINE#2027-01-15', `${NOW}#default:billing:i1`)).toMatchObject({ ttl: NOW / 1000 + 1 });
  });

  it('pays two writes for a record, and three for one that ends a restart', async () => {
    const { table, usage, forget } = await engine.freshTable();
    const { timeline } = openStores(table, 16);
    const base = { level: 'info', message: 'verified', action: 'restart', tenant: 'default', id: 'billing' } as const;
    await timeline.append({ ...base, kind: 'recovered', at: NOW, intentId: 'i1' }, NOW, signal);
    expect(usage.writeUnits).toBe(2);
    forget();
    await timeline.append({ ...base, kind: 'restart_completed', at: NOW, intentId: 'i2' }, NOW, signal);
    expect(usage.writeUnits).toBe(3);
  });
});

describe('the roll-ups on their table', () => {
  const HOUR = 3_600_000;
  const roll = { counts: { failures: 1 }, latencies: [], restarted: {}, healths: {} };

  it('are dated for their time to live, below the one prefix that their writer may touch', async () => {
    const { table } = await engine.freshTable();
    const { rollups } = openStores(table, 4);
    await rollups.saveHour(3, NOW, { 'default#a': { roll, carry: { health: 'healthy' } } }, NOW + 1_999, signal);
    await rollups.save({ kind: 'fleet' }, 'DAY', NOW, roll, NOW + 1_999, signal);
    await rollups.save({ kind: 'project', tenant: 'default', project: 'erp' }, 'HOUR', NOW, roll, NOW + 1_999, signal);
    await rollups.save({ kind: 'service', tenant: 'default', id: 'a' }, 'DAY', NOW, roll, NOW + 1_999, signal);
    await rollups.advance({ hours: NOW, days: NOW }, signal);
    const { Items = [] } = await table.client.send(new ScanCommand({ TableName: table.name }));
    expect(Items.map(({ pk }) => String(pk)).sort()).toEqual([
      ...['ROLLUP#FLEET', 'ROLLUP#HOURS#03', 'ROLLUP#PROGRESS', 'ROLLUP#PROJECT#default#erp'],
      'ROLLUP#SERVICE#default#a',
    ]);
    const dated = Items.filter(({ pk }) => pk !== 'ROLLUP#PROGRESS').map(({ ttl }) => ttl as unknown);
    expect(new Set(dated)).toEqual(new Set([NOW / 1000 + 1]));
  });

  it('of an hour with more services than one item holds are several, and none of an hour that had more', async () => {
    const { table, usage } = await engine.freshTable();
    const { rollups } = openStores(table, 4);
    // Whatever answers come: as many bins as there are, in no order that could be pressed well.
    const latencies = Array.from({ length: 560 }, (_, bin) => [bin, (bin * 7_919) % 3_601] as const);
    const entry = { project: 'erp', roll: { ...roll, latencies }, carry: { health: 'healthy' as const } };
    const names = Array.from({ length: 400 }, (_, n) => `default#service-${n}`);
    const whole = Object.fromEntries(names.map((name) => [name, entry]));
    await rollups.saveHour(1, NOW, whole, NOW + HOUR, signal);
    expect(usage.commands.length).toBeGreaterThan(3);
    const hours = () => rollups.hours(1, { from: NOW, before: NOW + HOUR }, signal);
    expect(await hours()).toEqual([{ hour: NOW, entries: whole }]);
    const few = Object.fromEntries(names.slice(0, 2).map((name) => [name, entry]));
    await rollups.saveHour(1, NOW, few, NOW + HOUR, signal);
    expect(await hours()).toEqual([{ hour: NOW, entries: few }]);
  });
});

describe('a history on its table', () => {
  const key = { tenant: 'default', id: 'billing' };
  const entry = (n: number, changed: string[] = []): AuditEntry => ({
    ...{ at: NOW + n, entryId: 'r1', action: 'service.put', ...key, caller: 'ada', correlationId: 'c-1' },
    ...{ outcome: 'accepted', changed },
  });

  it('is read on where one answer of the table does not hold a page', async () => {
    const { table, usage, forget } = await engine.freshTable();
    const { audit } = openStores(table, 1);
    const changed = Array.from({ length: 50 }, () => 'x'.repeat(200));
    for (let n = 0; n < 150; n += 1) await audit.write(entry(n, changed), signal);
    forget();
    const found = await audit.entries(key, { limit: 140 }, signal);
    expect(found.map(({ at }) => at - NOW)).toEqual(Array.from({ length: 140 }, (_, n) => 149 - n));
    expect(usage.commands.length).toBeGreaterThan(1);
  });

  it('of the audit is dated for its own time to live, and costs one question for a usual page', async () => {
    const { table, usage, forget } = await engine.freshTable();
    const audit = createDynamoAuditLog(table, 3 * 86_400_000);
    await audit.write(entry(0), signal);
    const Key = { pk: 'AUDIT#default#billing', sk: keys.auditEntry(NOW, 'r1') };
    const { Item } = await table.client.send(new GetCommand({ TableName: table.name, Key }));
    expect(Item).toMatchObject({ ttl: NOW / 1000 + 3 * 86_400 });
    await audit.write(entry(1), signal);
    forget();
    expect(await audit.entries(key, { limit: 1, before: { at: NOW + 1, id: 'r1' } }, signal)).toMatchObject([
      { at: NOW },
    ]);
    expect(usage.commands).toEqual(['QueryCommand']);
  });

  it('shows what a newer version has written of requests that this one does not know', async () => {
    const { table } = await engine.freshTable();
    const { audit } = openStores(table, 1);
    const Item = { ...entry(0), action: 'service.renamed', mood: 'good', pk: 'AUDIT#default#billing', sk: '1' };
    await table.client.send(new PutCommand({ TableName: table.name, Item }));
    expect(await audit.entries(key, { limit: 1 }, signal)).toMatchObject([{ action: 'service.renamed' }]);
  });
});

describe('items of an older version, which knew of one prober only', () => {
  const older = { shard: 3, services: 2, unhealthy: 1, fastestSeconds: 60, version: 7 };
  const open = async () => {
    const { table } = await engine.freshTable();
    const put = (Item: object) => table.client.send(new PutCommand({ TableName: table.name, Item: { ...Item } }));
    await put({ pk: keys.fleet, sk: keys.shard(3), ...older });
    return { put, ...openStores(table, 4) };
  };

  it('count no private service', async () => {
    const { fleet } = await open();
    expect(await fleet.counts(signal)).toEqual([{ ...older, privateServices: 0 }]);
  });

  it.each([
    ['public', 2, 0],
    ['private', 3, 1],
  ] as const)('are written anew when a %s service is announced', async (network, services, privateServices) => {
    const { fleet } = await open();
    await fleet.expectService(3, 300, signal, network);
    expect(await fleet.counts(signal)).toEqual([{ ...older, services, privateServices, version: 8 }]);
  });

  it('are rows of the public prober', async () => {
    const { put, results } = await open();
    const row = { shard: 3, beat: NOW, startedAt: NOW, finishedAt: NOW, due: 1, checked: 1, results: Uint8Array.of(1) };
    await put({ pk: 'RESULTS#03', sk: keys.beat(NOW), ...row });
    expect(await results.rows({ shard: 3, network: 'public', limit: 1 }, signal)).toEqual([
      { ...row, network: 'public' },
    ]);
    expect(await results.rows({ shard: 3, network: 'private', limit: 1 }, signal)).toEqual([]);
  });
});

describe('the fleet store on its table', () => {
  it.each(['public', 'private'] as const)(
    'announces a further %s service in one write and no read',
    async (network) => {
      const { table, usage, forget } = await engine.freshTable();
      const { fleet } = openStores(table, 4);
      await fleet.expectService(3, 60, signal, network);
      forget();
      await fleet.expectService(3, 60, signal, network);
      expect(usage.commands).toEqual(['UpdateItemCommand']);
    },
  );

  it('gives up on a shard that changes each time it is written, and says what to do', async () => {
    const { table, usage } = await engine.freshTable();
    const { fleet } = openStores(table, 4);
    await fleet.expectService(3, 60, signal);
    table.client.middlewareStack.add(
      (next, { commandName }) =>
        async (args) => {
          if (commandName === 'PutItemCommand') await bump();
          return await next(args);
        },
      { step: 'initialize', name: 'overtake' },
    );
    const bump = async () => {
      const Key = { pk: keys.fleet, sk: keys.shard(3) };
      const change = { UpdateExpression: 'ADD version :one', ExpressionAttributeValues: { ':one': 1 } };
      await table.client.send(new UpdateCommand({ TableName: table.name, Key, ...change }));
    };
    await expect(fleet.expectService(3, 10, signal)).rejects.toThrow('shard 3 changed 10 times');
    expect(usage.commands.filter((command) => command === 'UpdateItemCommand')).toHaveLength(12);
  });
});

describe('the stores when the table cannot be reached', () => {
  it('reject every call with a StoreError that says what for', async () => {
    const stores = openStores(openTable('gone', loopbackClient(await closedPort())), 1);
    const key = { tenant: 'default', id: 'billing' };
    const state = freshState(NOW);
    const document = registration();
    const count = { shard: 0, services: 1, privateServices: 0, unhealthy: 0, fastestSeconds: 60, version: 1 };
    const row = {
      shard: 0,
      network: 'public' as const,
      beat: NOW,
      startedAt: NOW,
      finishedAt: NOW,
      due: 1,
      checked: 1,
      results: new Uint8Array(),
    };
    const record = { kind: 'healthy', level: 'info', message: 'x', action: 'none', at: NOW, intentId: 'i' } as const;
    const stored = { document, state, version: 0, registeredAt: NOW } as never as Parameters<
      typeof stores.services.saveState
    >[0];
    const made = { action: 'service.put', caller: 'ada', correlationId: 'c', outcome: 'accepted' } as const;
    const asked: AuditEntry = { at: NOW, entryId: 'r1', ...key, ...made };
    const calls: Record<string, () => Promise<unknown>> = {
      readShard: () => stores.services.readShard(0, signal),
      read: () => stores.services.read(key, signal),
      saveState: () => stores.services.saveState({ ...stored, service: { ...key } as never }, state, signal),
      register: () => stores.services.register(document, state, NOW, signal),
      remove: () => stores.services.remove(key, signal),
      heartbeat: () => stores.services.heartbeat(key, NOW, signal),
      control: () => stores.fleet.control(signal),
      saveControl: () => stores.fleet.saveControl({ restartsOn: true }, signal),
      counts: () => stores.fleet.counts(signal),
      count: () => stores.fleet.count(0, signal),
      expectService: () => stores.fleet.expectService(0, 60, signal),
      correctCount: () => stores.fleet.correctCount(count, count, signal),
      saveRow: () => stores.results.saveRow(row, NOW, signal),
      rows: () => stores.results.rows({ shard: 0, network: 'public', limit: 1 }, signal),
      append: () => stores.timeline.append({ ...record, ...key }, NOW, signal),
      events: () => stores.timeline.events(key, { limit: 1 }, signal),
      restarts: () => stores.timeline.restarts(key, { limit: 1 }, signal),
      asked: () => stores.audit.write({ ...asked, outcome: 'asked' }, signal),
      accepted: () => stores.audit.write(asked, signal),
      fleetBetween: () => stores.timeline.fleetBetween({ from: NOW, before: NOW + 1 }, signal),
      progress: () => stores.rollups.progress(signal),
      advance: () => stores.rollups.advance({ hours: NOW, days: NOW }, signal),
      saveHour: () => stores.rollups.saveHour(0, NOW, {}, NOW, signal),
      hours: () => stores.rollups.hours(0, { from: NOW, before: NOW + 1 }, signal),
      saveRoll: () => stores.rollups.save({ kind: 'fleet' }, 'DAY', NOW, emptyRoll, NOW, signal),
      rolls: () => stores.rollups.rolls({ kind: 'fleet' }, 'DAY', { from: NOW, before: NOW + 1 }, signal),
      readDrift: () => stores.drift.read(signal),
      saveDrift: () => stores.drift.save({ at: NOW, clusters: [], entries: [], leftOut: 0 }, signal),
      entries: () => stores.audit.entries(key, { limit: 1 }, signal),
      fleetEntries: () => stores.audit.entries(undefined, { limit: 1 }, signal),
    };
    for (const [name, call] of Object.entries(calls)) {
      const fault = await call().catch((error: unknown) => error);
      expect(fault, name).toBeInstanceOf(StoreError);
      expect((fault as StoreError).message, name).toMatch(
        /^the table failed for (billing|the fleet|the drift|roll-ups|.*shard 0): /,
      );
      expect((fault as StoreError).cause, name).toBeInstanceOf(Error);
    }
  });

  it('give up as soon as the invocation is cut off', async () => {
    const { services } = openStores((await engine.freshTable()).table, 1);
    await expect(services.readShard(0, AbortSignal.abort())).rejects.toThrow('AbortError');
  });
});

/** A port that was open a moment ago and is not any more. */
async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}
