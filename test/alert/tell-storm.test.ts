// One alert when a storm begins and one when it is over, whatever is delivered twice or dies in between.
import { beforeEach, describe, expect, it } from 'vitest';

import { CLAIM_MS } from '../../lambdas/alert/tell-ports.ts';
import { tellStorm, type TellStormPorts } from '../../lambdas/alert/tell-storm.ts';
import type { Storm, Storms } from '../../lambdas/core/health/storm.ts';
import type { StormStore } from '../../lambdas/ports/fleet-store.ts';
import { fakeAlertSink } from '../fakes/fake-alert-sink.ts';
import { fakeClock, START } from '../fakes/fake-clock.ts';
import { fakeEventBus } from '../fakes/fake-event-bus.ts';
import { fakeLog } from '../fakes/fake-log.ts';
import { fakeMetrics } from '../fakes/fake-metrics.ts';
import { fakeStores } from '../fakes/fake-stores.ts';

const { signal } = new AbortController();
const message = { kind: 'storm', correlationId: 'c1', stormId: 's1' } as const;
const storm: Storm = { id: 's1', group: 'fleet', services: 20, failing: 12, openedAt: START, lastSeenAt: START };
let store: StormStore;
beforeEach(() => void (store = fakeStores(1).storms));

const standing = async (): Promise<readonly Storm[]> => (await store.read(signal)).storms;
const put = async (...storms: Storm[]) => {
  const { version } = await store.read(signal);
  await store.save({ version: version + 1, storms }, signal);
};

function setUp(storms: StormStore = store, refuse = () => false, more: Partial<TellStormPorts> = {}) {
  const clock = fakeClock();
  const sink = fakeAlertSink(refuse);
  const [log, metrics] = [fakeLog(), fakeMetrics()];
  const tell = () => tellStorm(message, { storms, sink, clock, metrics, log, ...more }, signal);
  return { clock, sink, log, metrics, tell };
}

describe('telling of a storm', () => {
  it('is done once, and noted', async () => {
    await put(storm);
    const { sink, metrics, tell } = setUp();
    await tell();
    await tell();
    expect(sink.taken).toEqual([{ kind: 'storm', level: 'critical', deduplicationKey: 's1:storm' }]);
    expect(await standing()).toEqual([{ ...storm, toldAt: START }]);
    expect(metrics.values).toEqual({ AlertsCritical: [1] });
  });

  it('is done with a link into the deployment', async () => {
    await put(storm);
    const published: string[] = [];
    const sink = { publish: async ({ json }: { json: string }) => void published.push(json) };
    const ports = { storms: store, sink, clock: fakeClock(), metrics: fakeMetrics(), log: fakeLog() };
    await tellStorm(message, { ...ports, place: { apiUrl: 'https://api.example.com' } }, signal);
    expect(JSON.parse(published.join())).toMatchObject({ links: { fleet: 'https://api.example.com/fleet' } });
  });

  it('says that it is over, and then the storm is forgotten', async () => {
    await put({ ...storm, toldAt: START, endedAt: START }, { ...storm, id: 's2' });
    const { sink, metrics, tell } = setUp();
    await tell();
    expect(sink.taken).toEqual([{ kind: 'storm_over', level: 'info', deduplicationKey: 's1:storm_over' }]);
    expect(await standing()).toMatchObject([{ id: 's2' }]);
    expect(metrics.values).toEqual({ AlertsInfo: [1] });
  });

  it('says both, in their order, of one that was over before anybody was told', async () => {
    await put({ ...storm, endedAt: START });
    const { sink, tell } = setUp();
    await tell();
    expect(sink.kinds()).toEqual(['storm', 'storm_over']);
    expect(await standing()).toEqual([]);
  });

  it('has nothing to say of a storm that is gone', async () => {
    const { sink, tell } = setUp();
    await tell();
    expect(sink.taken).toEqual([]);
  });

  it('is left to whoever is at it, until he must be gone', async () => {
    await put({ ...storm, claimedUntil: START + 1 });
    const { clock, sink, tell } = setUp();
    await expect(tell()).rejects.toThrow('by another invocation');
    expect(sink.taken).toEqual([]);
    clock.pass(1);
    await tell();
    expect(sink.kinds()).toEqual(['storm']);
  });

  it('is done by one of two who are asked at once', async () => {
    await put(storm);
    const { sink, tell } = setUp();
    const ends = await Promise.allSettled([tell(), tell()]);
    expect(ends.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(sink.kinds()).toEqual(['storm']);
  });

  it('is owed as long as SNS has not taken it', async () => {
    await put(storm);
    const { tell } = setUp(store, () => true);
    await expect(tell()).rejects.toThrow('SNS did not take it');
    expect(await standing()).toEqual([{ ...storm, claimedUntil: START + CLAIM_MS }]);
    const later = setUp();
    later.clock.pass(CLAIM_MS);
    await later.tell();
    expect(later.sink.kinds()).toEqual(['storm']);
  });

  it('loses races with rounds that see the storm again, and goes on', async () => {
    await put(storm);
    let races = 3;
    const busy: StormStore = {
      ...store,
      save: async (next) => {
        if (races-- > 0) await put(...(await standing()).map((one) => ({ ...one, lastSeenAt: one.lastSeenAt + 1 })));
        return await store.save(next, signal);
      },
    };
    const { sink, tell } = setUp(busy);
    await tell();
    expect(sink.kinds()).toEqual(['storm']);
    expect(await standing()).toEqual([{ ...storm, lastSeenAt: START + 3, toldAt: START }]);
  });

  it('comes again when it loses every race', async () => {
    await put(storm);
    const lost: StormStore = { ...store, save: async (_: Storms) => false };
    await expect(setUp(lost).tell()).rejects.toThrow('changed 10 times');
  });
});

describe('the event bus', () => {
  it('hears of a storm, and of its end, after people did', async () => {
    await put({ ...storm, endedAt: START });
    const bus = fakeEventBus();
    const { sink, tell } = setUp(store, undefined, { bus, place: { apiUrl: 'https://api.example.com' } });
    await tell();
    expect([sink.kinds(), bus.keys()]).toEqual([
      ['storm', 'storm_over'],
      ['s1:storm', 's1:storm_over'],
    ]);
    expect(JSON.parse(bus.taken[0]?.detail ?? '{}')).toMatchObject({
      ...{ version: 1, kind: 'storm', level: 'critical', storm: { id: 's1', failing: 12 } },
      links: { fleet: 'https://api.example.com/fleet' },
    });
    expect(await standing()).toEqual([]);
  });

  it('keeps nobody waiting when it takes nothing: people hear of the end too, and once; the bus hears of it later', async () => {
    let isOpen = false;
    await put(storm);
    const bus = fakeEventBus(() => !isOpen);
    const { clock, sink, tell } = setUp(store, undefined, { bus });
    await expect(tell()).rejects.toThrow('the event bus was not told of s1: storm');
    expect(await standing()).toEqual([{ ...storm, toldAt: START, busOwed: ['storm'] }]);
    await put(...(await standing()).map((one) => ({ ...one, endedAt: START })));
    await expect(tell()).rejects.toThrow('storm, storm_over');
    expect(await standing()).toMatchObject([{ overToldAt: START, busOwed: ['storm', 'storm_over'] }]);
    isOpen = true;
    clock.pass(CLAIM_MS);
    await tell();
    await tell();
    expect([sink.kinds(), bus.keys(), await standing()]).toEqual([
      ['storm', 'storm_over'],
      ['s1:storm', 's1:storm_over'],
      [],
    ]);
  });

  it('hears of a storm that people cannot be told of, and once; they hear of it later', async () => {
    let isOpen = false;
    await put(storm);
    const bus = fakeEventBus();
    const { clock, sink, tell } = setUp(store, () => !isOpen, { bus });
    await expect(tell()).rejects.toThrow('SNS did not take it');
    expect([bus.keys(), await standing()]).toEqual([
      ['s1:storm'],
      [{ ...storm, claimedUntil: START + CLAIM_MS, busHeard: 'storm', busOwed: [] }],
    ]);
    clock.pass(CLAIM_MS);
    await expect(tell()).rejects.toThrow('SNS did not take it');
    isOpen = true;
    clock.pass(CLAIM_MS);
    await tell();
    await put(...(await standing()).map((one) => ({ ...one, endedAt: START })));
    await tell();
    expect([sink.kinds(), bus.keys(), await standing()]).toEqual([
      ['storm', 'storm_over'],
      ['s1:storm', 's1:storm_over'],
      [],
    ]);
  });

  it('that takes it neither is owed it still, once', async () => {
    let isOpen = false;
    await put({ ...storm, toldAt: START, endedAt: START, busOwed: ['storm'] });
    const bus = fakeEventBus(({ key }) => !isOpen && key === 's1:storm_over');
    const { clock, sink, tell } = setUp(store, () => !isOpen, { bus });
    await expect(tell()).rejects.toThrow('SNS did not take it');
    expect([bus.keys(), await standing()]).toMatchObject([['s1:storm'], [{ busOwed: [] }]]);
    expect((await standing())[0]?.busHeard).toBeUndefined();
    isOpen = true;
    clock.pass(CLAIM_MS);
    await tell();
    expect([sink.kinds(), bus.keys(), await standing()]).toEqual([['storm_over'], ['s1:storm', 's1:storm_over'], []]);
  });

  it('keeps what it is owed of a storm that is still there, until it has it', async () => {
    await put({ ...storm, toldAt: START, busOwed: ['storm'] });
    const bus = fakeEventBus();
    await setUp(store, undefined, { bus }).tell();
    expect([bus.keys(), await standing()]).toEqual([['s1:storm'], [{ ...storm, toldAt: START }]]);
  });

  it('is given up after a day, which is logged', async () => {
    await put({ ...storm, toldAt: START, endedAt: START, overToldAt: START, busOwed: ['storm_over'] });
    const { clock, log, tell } = setUp(store, undefined, { bus: fakeEventBus(() => true) });
    await expect(tell()).rejects.toThrow('storm_over comes again');
    clock.pass(86_400_000);
    await tell();
    expect([await standing(), log.lines.map(({ level }) => level)]).toEqual([[], ['error']]);
  });

  it('is given up behind ten others that wait for the bus alone, which is logged', async () => {
    const over = { ...storm, toldAt: START, endedAt: START, overToldAt: START, busOwed: ['storm_over' as const] };
    const others = Array.from({ length: 10 }, (_, n) => ({ ...over, id: `other-${n}` }));
    await put(over, ...others);
    const { log, tell } = setUp(store, undefined, { bus: fakeEventBus(() => true) });
    await tell();
    expect([await standing(), log.lines.map(({ level }) => level)]).toEqual([others, ['error']]);
  });

  it('is owed nothing any more once the deployment has none', async () => {
    await put({ ...storm, toldAt: START, endedAt: START, overToldAt: START, busOwed: ['storm_over'] });
    const { sink, tell } = setUp();
    await tell();
    expect([sink.taken, await standing()]).toEqual([[], []]);
  });
});
