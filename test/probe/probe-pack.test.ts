import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';

import { afterEach, describe, expect, it } from 'vitest';

import { createProber } from '../../lambdas/adapters/service-prober.ts';
import { censusMark } from '../../lambdas/core/health/census.ts';
import { lastDueBeat } from '../../lambdas/core/rounds/due.ts';
import { resultOf } from '../../lambdas/core/rounds/packed-row.ts';
import { probePack } from '../../lambdas/probe/probe-pack.ts';
import { START } from '../fakes/fake-clock.ts';
import { down, fakeProber, unknown, up } from '../fakes/fake-prober.ts';
import { fakeStores } from '../fakes/fake-stores.ts';
import { packAt, probeSet, put, stateOf } from '../fakes/probe-ports.ts';
import { registration, ssmStep } from '../fakes/registrations.ts';
import { makeService } from '../make/service.ts';

const { signal } = new AbortController();
const tcp = { kind: 'tcp', host: 'x.example.com', port: 1, retries: 0 };
/** Which service a probe belongs to: its port. */
const named = (id: string, port: number, more: object = {}) => registration({ id, probe: { ...tcp, port, ...more } });
const portOf = (probe: { kind: string; port?: number }) => probe.port ?? 0;
const newestRow = async ({ results }: ReturnType<typeof fakeStores>) =>
  (await results.rows({ shard: 0, network: 'public', limit: 1 }, signal))[0];

describe('a pack', () => {
  it('looks at whatever is due at its beat, and at nothing else', async () => {
    const stores = fakeStores(1);
    await put(stores, named('fast', 10, { intervalSeconds: 10 }));
    await put(stores, named('half', 30, { intervalSeconds: 30 }));
    await put(stores, named('minute', 60));
    const prober = fakeProber(() => up);
    const { ports, metrics } = probeSet({ prober }, stores);
    const beat = START + 30_000;
    await probePack(packAt(beat, { services: 3, fastestSeconds: 10 }, 10), ports, signal);

    expect(prober.asked.map(({ probe }) => portOf(probe)).sort()).toEqual([10, 30]);
    const row = (await newestRow(stores))!;
    expect(row).toMatchObject({ shard: 0, beat, due: 2, checked: 2, startedAt: START, finishedAt: START });
    expect(resultOf(row, 'default', 'fast')).toEqual({ verdict: 'up', cause: 'none', latencyMs: 12 });
    expect(resultOf(row, 'default', 'minute')).toBeUndefined();
    expect(metrics.values).toMatchObject({ ServicesDue: [2], ServicesChecked: [2], VerdictsUnknown: [0] });
  });

  it('says how many did not answer, and how fast the others did on the mean', async () => {
    const stores = fakeStores(1);
    for (const [index, id] of ['fast', 'slow', 'silent'].entries()) await put(stores, named(id, 10 + index));
    const answers = { 10: { ...up, latencyMs: 10 }, 11: { ...up, latencyMs: 40 }, 12: { ...down, latencyMs: 900 } };
    const prober = fakeProber(({ probe }) => answers[portOf(probe) as keyof typeof answers]);
    const { ports, metrics } = probeSet({ prober }, stores);
    await probePack(packAt(START, { services: 3 }), ports, signal);
    expect(metrics.values).toMatchObject({ VerdictsDown: [1], AnswerDuration: [25] });
  });

  it('says nothing of answers that there were none of, nor of errors', async () => {
    const stores = fakeStores(1);
    await put(stores, named('one', 10));
    const { ports, metrics } = probeSet({ prober: fakeProber(() => unknown) }, stores);
    await probePack(packAt(START), ports, signal);
    expect(metrics.values).not.toHaveProperty('VerdictsDown');
    expect(metrics.values).not.toHaveProperty('AnswerDuration');
  });

  it('writes no row for a beat at which nothing was due', async () => {
    const stores = fakeStores(1);
    await put(stores, named('minute', 60));
    await probePack(packAt(START + 10_000, {}, 10), probeSet({}, stores).ports, signal);
    expect(await newestRow(stores)).toBeUndefined();
  });

  it('says how late it began, and never less than nothing', async () => {
    const { ports, metrics, clock } = probeSet();
    clock.pass(4_000);
    await probePack(packAt(START), ports, signal);
    await probePack(packAt(START + 60_000), ports, signal);
    expect(metrics.values.Lateness).toEqual([4_000, 0]);
  });

  it('that comes so late that newer ones are due leaves its looks to them: a backlog makes no outage of a moment', async () => {
    const stores = fakeStores(1);
    await put(stores, named('minute', 60));
    const prober = fakeProber(() => down);
    const { ports, metrics, clock } = probeSet({ prober }, stores);
    clock.pass(600_000);
    for (let minute = 0; minute <= 10; minute += 1) await probePack(packAt(START + minute * 60_000), ports, signal);
    // That of a minute ago, and that of now.
    expect(prober.asked).toHaveLength(2);
    expect(await stateOf(stores, 'minute')).toMatchObject({ health: 'healthy', downs: 2 });
    expect(metrics.values).toMatchObject({
      ServicesDue: Array(11).fill(1),
      ServicesChecked: [...Array(9).fill(0), 1, 1],
    });
    const rows = await stores.results.rows({ shard: 0, network: 'public', limit: 20 }, signal);
    expect(rows.map(({ beat }) => (beat - START) / 60_000)).toEqual([10, 9]);
  });

  it('of a tick that is late leaves out who is looked at more often, and that is no gap', async () => {
    const stores = fakeStores(1);
    await put(stores, named('fast', 10, { intervalSeconds: 10 }));
    await put(stores, named('minute', 60));
    const prober = fakeProber(() => up);
    const { ports, metrics, clock } = probeSet({ prober }, stores);
    clock.pass(25_000);
    await probePack(packAt(START, { services: 2, fastestSeconds: 10 }, 10), ports, signal);
    expect(prober.asked.map(({ probe }) => portOf(probe))).toEqual([60]);
    expect(metrics.values).toMatchObject({ ServicesDue: [1], ServicesChecked: [1] });
  });

  it('that comes again late looks at those that have no newer one, and says how many were due', async () => {
    const stores = fakeStores(1);
    await put(stores, named('minute', 60));
    await put(stores, named('hour', 3600, { intervalSeconds: 3_600 }));
    const prober = fakeProber(() => up);
    const { ports, clock } = probeSet({ prober }, stores);
    const hourly = { tenant: 'default', id: 'hour', intervalSeconds: 3_600 };
    const beat = lastDueBeat(hourly, START);
    clock.set(beat + 300_000);
    await probePack(packAt(beat, { services: 2 }), ports, signal);
    expect(prober.asked.map(({ probe }) => portOf(probe))).toEqual([3600]);
    expect(await newestRow(stores)).toMatchObject({ beat, due: 2, checked: 1 });
  });

  it('counts what it could not tell, and what the table could not decode', async () => {
    const stores = fakeStores(1);
    await put(stores, registration());
    const services: typeof stores.services = {
      ...stores.services,
      readShard: async (...args) => ({ ...(await stores.services.readShard(...args)), faults: 2 }),
    };
    const { ports, metrics } = probeSet({ services, prober: fakeProber(() => unknown) }, stores);
    await probePack(packAt(START), ports, signal);
    expect(metrics.values).toMatchObject({ VerdictsUnknown: [1], FaultyItems: [2], ServicesChecked: [1] });
    expect((await stateOf(stores)).downs).toBe(0);
  });

  it('keeps a shard packed, and as often as before, while none of its items can be decoded', async () => {
    const stores = fakeStores(1);
    await stores.fleet.expectService(0, 10, signal);
    const services: typeof stores.services = {
      ...stores.services,
      readShard: async () => ({ services: [], faults: 1 }),
    };
    const { ports } = probeSet({ services }, stores);
    await probePack(packAt(START, { fastestSeconds: 10, services: 3 }), ports, signal);
    expect(await stores.fleet.counts(signal)).toMatchObject([{ services: 1, fastestSeconds: 10, version: 2 }]);
  });

  it('goes to those that are failing first, so that their timeouts delay nobody at the end', async () => {
    const stores = fakeStores(1);
    await put(stores, named('well', 1));
    await put(stores, named('failing', 2), { downs: 1 });
    await put(stores, named('failing-longer', 3), { downs: 9 });
    const prober = fakeProber(() => up);
    const { ports } = probeSet({ prober, maxInFlight: 1 }, stores);
    await probePack(packAt(START, { services: 3 }), ports, signal);
    expect(prober.asked.map(({ probe }) => portOf(probe))).toEqual([3, 2, 1]);
  });

  it('asks for the fleet-wide switch once, and only when something is down', async () => {
    const stores = fakeStores(1);
    let asked = 0;
    const fleet: typeof stores.fleet = {
      ...stores.fleet,
      control: async () => {
        asked += 1;
        return { restartsOn: false };
      },
    };
    const steps = { restart: { steps: [ssmStep] } };
    for (const id of ['one', 'two']) await put(stores, registration({ id, ...steps }), { downs: 2 });
    const well = probeSet({ fleet }, stores);
    await probePack(packAt(START), well.ports, signal);
    expect(asked).toBe(0);

    for (const id of ['three', 'four']) await put(stores, registration({ id, ...steps }), { downs: 2 });
    const ill = probeSet({ fleet, prober: fakeProber(() => down) }, stores);
    await probePack(packAt(START + 60_000), ill.ports, signal);
    expect(asked).toBe(1);
    expect((await stateOf(stores, 'three')).incident?.held).toBe('automatic restarts are off for the fleet');
  });

  it('hands over again what nobody has carried out for a minute, though nothing else has changed', async () => {
    const stores = fakeStores(1);
    const record = { kind: 'healthy', level: 'info', message: 'Healthy', action: 'none' } as const;
    const pending = (id: string, handedAt: number) => ({ id, at: START, handedAt, kind: 'record', record }) as const;
    await put(stores, registration(), { intents: [pending('i1', START), pending('i2', START + 30_000)] });
    const { ports, queues, clock, metrics } = probeSet({}, stores);
    clock.set(START + 60_000);
    await probePack(packAt(START + 60_000), ports, signal);
    expect(queues.alert.messages.map(({ body }) => body.intentIds)).toEqual([['i1']]);
    expect((await stateOf(stores)).intents.map(({ handedAt }) => handedAt - START)).toEqual([60_000, 30_000]);
    expect(metrics.values.OldestPendingIntent).toEqual([60_000]);
  });

  it('lets time pass for a service that is not due', async () => {
    const stores = fakeStores(1);
    const record = { kind: 'healthy', level: 'info', message: 'Healthy', action: 'none' } as const;
    const intent = { id: 'i1', at: START, handedAt: START, kind: 'record', record } as const;
    await put(stores, named('hourly', 1, { intervalSeconds: 3_600 }), { intents: [intent] });
    const prober = fakeProber(() => up);
    const { ports, queues, clock } = probeSet({ prober }, stores);
    clock.set(START + 70_000);
    await probePack(packAt(START + 10_000, { fastestSeconds: 3_600 }, 10), ports, signal);
    expect(prober.asked).toEqual([]);
    expect(queues.alert.messages).toHaveLength(1);
  });
});

describe("a pack and its shard's counts", () => {
  const expectWrites = async (known: object, prober = fakeProber(() => up), downs = 0) => {
    const stores = fakeStores(1);
    await put(stores, registration(), { downs });
    await put(stores, named('fast', 1, { intervalSeconds: 30 }));
    await stores.fleet.expectService(0, 30, signal);
    const [count] = await stores.fleet.counts(signal);
    await stores.fleet.correctCount(count!, { ...count!, ...known }, signal);
    const [before] = await stores.fleet.counts(signal);
    await probePack({ ...packAt(START, {}, 30), shards: [before!] }, probeSet({ prober }, stores).ports, signal);
    const [after] = await stores.fleet.counts(signal);
    return { ...after!, version: after!.version - before!.version };
  };
  const counted = (failing: number) => {
    const seen = [0, 1].map((n) => ({ service: makeService(), isFailing: n < failing }));
    return { groups: { fleet: { services: 2, failing } }, census: censusMark(seen) };
  };
  const right = { services: 2, privateServices: 0, unhealthy: 0, fastestSeconds: 30, ...counted(0) };

  it('leaves them alone when they are right', async () => {
    expect(await expectWrites(right)).toEqual({ shard: 0, ...right, version: 0 });
  });

  it.each([{ services: 1 }, { privateServices: 1 }, { unhealthy: 1 }, { fastestSeconds: 10 }, counted(1)])(
    'corrects %o',
    async (wrong) => {
      expect(await expectWrites({ ...right, ...wrong })).toEqual({ shard: 0, ...right, version: 1 });
    },
  );

  it('counts a service that has just become unhealthy', async () => {
    const prober = fakeProber(({ probe }) => (portOf(probe) === 443 ? down : up));
    expect(await expectWrites(right, prober, 2)).toEqual({
      shard: 0,
      ...right,
      ...counted(1),
      unhealthy: 1,
      version: 1,
    });
  });
});

describe('a pack in trouble', () => {
  const servers: Server[] = [];
  const sockets: Socket[] = [];
  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    await Promise.all(servers.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
  });

  it('ends with the timeout of a service that takes the call and never answers', async () => {
    const silent = createServer((socket) => void sockets.push(socket.on('error', () => undefined).resume()));
    servers.push(silent);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}/`;
    const stores = fakeStores(1);
    await put(stores, registration({ probe: { kind: 'http', url, timeoutSeconds: 1, retries: 1 } }));
    const secrets = { read: () => Promise.reject(new Error('no secrets here')) };
    const set = probeSet({}, stores);
    const prober = createProber({ allowedRanges: ['127.0.0.0/8'], secrets, clock: set.clock });
    await probePack(packAt(START), { ...set.ports, prober }, signal);
    expect((await stateOf(stores)).last).toMatchObject({ verdict: 'down', cause: 'timeout' });
    expect(await newestRow(stores)).toMatchObject({ due: 1, checked: 1 });
  });

  it('that is cut off begins nothing more, fails, and says in its row how far it came', async () => {
    const stores = fakeStores(1);
    for (const [index, id] of ['one', 'two', 'three'].entries()) await put(stores, named(id, index + 1));
    const controller = new AbortController();
    const prober = fakeProber(({ probe }) => {
      if (portOf(probe) !== 2) return up;
      controller.abort();
      return unknown;
    });
    const heeding: typeof stores.results = {
      ...stores.results,
      saveRow: async (row, expiresAt, cut) => {
        cut.throwIfAborted(); // as the SDK does
        await stores.results.saveRow(row, expiresAt, cut);
      },
    };
    const { ports, metrics } = probeSet({ prober, results: heeding, maxInFlight: 1 }, stores);
    await expect(probePack(packAt(START, { services: 3 }), ports, controller.signal)).rejects.toThrow('1 of 3 failed');
    expect(prober.asked).toHaveLength(2);
    expect(await newestRow(stores)).toMatchObject({ due: 3, checked: 2 });
    expect(metrics.values).toMatchObject({ ServicesDue: [3], ServicesChecked: [2] });
  });

  it('with one service that cannot be written still serves the others and its row, and fails', async () => {
    const stores = fakeStores(1);
    await put(stores, named('bad', 1));
    await put(stores, named('good', 2));
    const services: typeof stores.services = {
      ...stores.services,
      saveState: async (stored, state, cut) => {
        if (stored.service.id === 'bad') throw new Error('the table failed');
        return await stores.services.saveState(stored, state, cut);
      },
    };
    const { ports } = probeSet({ services, prober: fakeProber(() => down) }, stores);
    await expect(probePack(packAt(START, { services: 2 }), ports, signal)).rejects.toThrow('1 of 2 failed');
    expect((await stateOf(stores, 'good')).downs).toBe(1);
    expect(await newestRow(stores)).toMatchObject({ due: 2, checked: 2 });
  });
});
