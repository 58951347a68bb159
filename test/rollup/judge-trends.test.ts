// Early warning end to end on the embedded table: rows as probers write them, for days with a rhythm, rolled up hour by
// hour; then one of two services becomes slower, and as fast as usual again.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { freshState } from '../../lambdas/core/model/state.ts';
import { packResults } from '../../lambdas/core/rounds/packed-row.ts';
import { judgeTrends } from '../../lambdas/rollup/judge-trends.ts';
import { rollUp } from '../../lambdas/rollup/roll-up.ts';
import { type Engine, startEngine } from '../engine/engine.ts';
import { openStores } from '../engine/open-stores.ts';
import { fakeClock } from '../fakes/fake-clock.ts';
import { fakeLog } from '../fakes/fake-log.ts';
import { registration } from '../fakes/registrations.ts';

const { signal } = new AbortController();
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const START = Date.UTC(2026, 0, 5);
const DAYS = 3;
const billing = { tenant: 'default', id: 'billing' };
const ledger = { tenant: 'default', id: 'ledger' };

/** By noon it takes four times as long as at midnight, and it scatters by a tenth. */
const usualMs = (at: number): number => {
  const share = Math.sin((Math.PI * (at % DAY)) / DAY);
  return (50 + 150 * share) * (1 + ((at / MINUTE) % 7) / 60);
};

let engine: Engine;
beforeAll(async () => {
  engine = await startEngine();
});
afterAll(() => engine.stop());

async function watching() {
  const { table, usage, forget } = await engine.freshTable();
  const [clock, log] = [fakeClock(START), fakeLog()];
  const ports = { ...openStores(table, 1, log), clock, log, resultsKeptMs: 30 * DAY, rollupsKeptMs: 400 * DAY };
  for (const { id } of [billing, ledger]) {
    await ports.services.register(registration({ id }), { ...freshState(START), health: 'healthy' }, START, signal);
    await ports.fleet.expectService(0, 60, signal);
  }
  /** Looks every five minutes; `billing` takes so many times as long as it usually does. */
  const looked = async (from: number, before: number, factor = 1) => {
    for (let beat = from; beat < before; beat += 5 * MINUTE) {
      const up = { verdict: 'up', cause: 'none' } as const;
      const results = packResults([
        { ...billing, ...up, latencyMs: usualMs(beat) * factor },
        { ...ledger, ...up, latencyMs: usualMs(beat) },
      ]);
      const row = { shard: 0, network: 'public', beat, startedAt: beat, finishedAt: beat, due: 2, checked: 2 } as const;
      await ports.results.saveRow({ ...row, results }, beat + 30 * DAY, signal);
    }
  };
  /** A run ten minutes after the hour; what it changed of services, by the engine's own count. */
  const run = async (hour: number): Promise<number> => {
    clock.set(hour + 10 * MINUTE);
    forget();
    await rollUp(ports, signal);
    return usage.commands.filter((command) => command === 'UpdateItemCommand').length;
  };
  const stateOf = async (key: typeof billing) => (await ports.services.read(key, signal))?.state;
  const alertsOf = async (key: typeof billing) =>
    ((await stateOf(key))?.intents ?? []).flatMap((intent) => (intent.kind === 'alert' ? [intent.alert] : []));
  return { ports, clock, usage, forget, looked, run, stateOf, alertsOf };
}

describe('a service that becomes slower than it usually is at this time of day', () => {
  it('is warned of once and over once, and nobody else is written', async () => {
    const { ports, clock, usage, forget, looked, run, stateOf, alertsOf } = await watching();
    for (let day = 0; day < DAYS; day += 1) await looked(START + day * DAY + 6 * HOUR, START + day * DAY + 17 * HOUR);
    const today = START + DAYS * DAY;
    expect(await run(today)).toBe(0);

    // The rhythm of the day alone is no trend: by ten it takes a quarter longer than at six.
    await looked(today + 6 * HOUR, today + 10 * HOUR);
    for (const hour of [8, 9, 10]) expect(await run(today + hour * HOUR)).toBe(0);

    await looked(today + 10 * HOUR, today + 13 * HOUR, 2);
    expect(await run(today + 11 * HOUR)).toBe(1);
    const known = await stateOf(billing);
    expect(known?.trend).toMatchObject({ kind: 'latency', since: today + 10 * HOUR, told: true });
    expect(known?.trendAt).toBe(today + 11 * HOUR);
    expect(known?.trend?.now).toBeGreaterThan(1.8 * (known?.trend?.usual ?? Infinity));
    expect((await alertsOf(billing)).map(({ kind, level }) => [kind, level])).toEqual([['early_warning', 'warning']]);

    // Again, beside itself, and for hours on: it is known.
    forget();
    await Promise.all([1, 2].map(() => judgeTrends(today + 11 * HOUR, ports, signal)));
    expect(usage.commands).not.toContain('UpdateItemCommand');
    expect(await run(today + 11 * HOUR)).toBe(0);
    expect(usage.commands.every((command) => command === 'GetItemCommand')).toBe(true);
    for (const hour of [12, 13]) expect(await run(today + hour * HOUR)).toBe(0);
    expect(await stateOf(billing)).toEqual(known);

    await looked(today + 13 * HOUR, today + 16 * HOUR);
    expect(await run(today + 14 * HOUR)).toBe(1);
    // Late: as of an hour in which it was slow.
    await judgeTrends(today + 12 * HOUR, ports, signal);
    for (const hour of [15, 16]) expect(await run(today + hour * HOUR)).toBe(0);
    expect((await stateOf(billing))?.trend).toBeUndefined();
    expect((await alertsOf(billing)).map(({ kind }) => kind)).toEqual(['early_warning', 'trend_over']);
    expect(await alertsOf(ledger)).toEqual([]);
    expect(clock.now()).toBe(today + 16 * HOUR + 10 * MINUTE);
  });

  it('is not judged where its past is too short', async () => {
    const { looked, run } = await watching();
    await looked(START + 10 * HOUR, START + 11 * HOUR);
    await looked(START + 11 * HOUR, START + 13 * HOUR, 5);
    expect(await run(START + 13 * HOUR)).toBe(0);
  });
});

describe('a run that is cut off while it judges', () => {
  it('has its numbers, and judges the next time', async () => {
    const { ports, clock, looked, run, alertsOf } = await watching();
    const today = START + DAYS * DAY;
    for (let day = 0; day < DAYS; day += 1) await looked(START + day * DAY + 7 * HOUR, START + day * DAY + 12 * HOUR);
    await run(today + 8 * HOUR);
    await looked(today + 8 * HOUR, today + 11 * HOUR, 2);
    const broken = { ...ports.services, saveState: () => Promise.reject(new Error('killed')) };
    clock.set(today + 11 * HOUR + 10 * MINUTE);
    await expect(rollUp({ ...ports, services: broken }, signal)).rejects.toThrow('killed');
    expect(await ports.rollups.progress(signal)).toMatchObject({
      ...{ hours: today + 11 * HOUR, trends: today + 8 * HOUR },
    });
    expect(await run(today + 11 * HOUR)).toBe(1);
    expect((await alertsOf(billing)).map(({ kind }) => kind)).toEqual(['early_warning']);
    expect(await run(today + 11 * HOUR)).toBe(0);
  });
});
