// The run on the stores in memory: what it writes, what it writes twice, and where it goes on.
import { beforeEach, describe, expect, it } from 'vitest';

import { freshState } from '../../lambdas/core/model/state.ts';
import { packResults } from '../../lambdas/core/rounds/packed-row.ts';
import { shardOf } from '../../lambdas/core/values/hash.ts';
import type { RollupSubject } from '../../lambdas/ports/rollup-store.ts';
import { rollUp } from '../../lambdas/rollup/roll-up.ts';
import type { RollUpPorts } from '../../lambdas/rollup/roll-up-hours.ts';
import { fakeClock } from '../fakes/fake-clock.ts';
import { fakeLog } from '../fakes/fake-log.ts';
import { fakeStores, type Stores } from '../fakes/fake-stores.ts';
import { registration } from '../fakes/registrations.ts';

const { signal } = new AbortController();
const SHARDS = 3;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const START = Date.UTC(2026, 0, 5);
const service = { kind: 'service', tenant: 'default', id: 'billing' } as const;
const fleet = { kind: 'fleet' } as const;
const project = { kind: 'project', tenant: 'default', project: 'erp' } as const;

let stores: Stores;
let clock = fakeClock(START);
const ports = (more: Partial<RollUpPorts> = {}): RollUpPorts => ({
  ...stores,
  ...{ clock, log: fakeLog(), resultsKeptMs: 30 * DAY, rollupsKeptMs: 400 * DAY },
  ...more,
});
const runAt = async (at: number, more: Partial<RollUpPorts> = {}) => {
  clock.set(at);
  await rollUp(ports(more), signal);
};
async function register(id: string, at = START) {
  await stores.services.register(
    registration({ id, project: 'erp' }),
    { ...freshState(at), health: 'healthy' },
    at,
    signal,
  );
  await stores.fleet.expectService(shardOf('default', id, SHARDS), 60, signal);
}
/** A look every quarter of an hour. */
async function lookedAt(from: number, before: number, ...ids: string[]) {
  for (let beat = from; beat < before; beat += HOUR / 4)
    for (const id of ids) {
      const results = packResults([{ tenant: 'default', id, verdict: 'up', cause: 'none', latencyMs: 20 }]);
      const shard = shardOf('default', id, SHARDS);
      const row = { shard, network: 'public' as const, beat, startedAt: beat, finishedAt: beat, due: 1, checked: 1 };
      await stores.results.saveRow({ ...row, results }, beat + DAY, signal);
    }
}
const ups = async (subject: RollupSubject, unit: 'HOUR' | 'DAY', stretch = { from: START, before: START + 9 * DAY }) =>
  (await stores.rollups.rolls(subject, unit, stretch, signal)).map(({ counts }) => counts['verdict.up']);
const everything = async () => {
  const stretch = { from: START - DAY, before: START + 9 * DAY };
  const subjects = [service, fleet, project];
  const rolls = subjects.flatMap((one) => (['HOUR', 'DAY'] as const).map((unit) => [one, unit] as const));
  return {
    progress: await stores.rollups.progress(signal),
    hours: await Promise.all([0, 1, 2].map((shard) => stores.rollups.hours(shard, stretch, signal))),
    rolls: await Promise.all(rolls.map(([one, unit]) => stores.rollups.rolls(one, unit, stretch, signal))),
  };
};

beforeEach(async () => {
  clock = fakeClock(START);
  stores = fakeStores(SHARDS);
  await register('billing');
  await register('ledger');
  expect(shardOf('default', 'billing', SHARDS)).not.toBe(shardOf('default', 'ledger', SHARDS));
});

describe('a run', () => {
  it('rolls up the hours that are complete, and leaves the one that has hardly ended', async () => {
    await lookedAt(START, START + 3 * HOUR, 'billing', 'ledger');
    await runAt(START + 2 * HOUR + 4 * 60_000);
    expect(await ups(fleet, 'HOUR')).toEqual([8]);
    await runAt(START + 2 * HOUR + 5 * 60_000);
    expect(await ups(fleet, 'HOUR')).toEqual([8, 8]);
    expect(await ups(project, 'HOUR')).toEqual([8, 8]);
    const hours = await stores.rollups.hours(
      shardOf('default', 'billing', SHARDS),
      { from: START, before: START + DAY },
      signal,
    );
    expect(hours.map(({ hour, entries }) => [hour - START, Object.keys(entries)])).toEqual([
      [0, ['default#billing']],
      [HOUR, ['default#billing']],
    ]);
    expect(await stores.rollups.progress(signal)).toEqual({
      ...{ hours: START + 2 * HOUR, days: START, trends: START + 2 * HOUR },
    });
  });

  it('makes a day of its hours an hour after it has ended', async () => {
    await lookedAt(START, START + 26 * HOUR, 'billing', 'ledger');
    await runAt(START + 24 * HOUR + 10 * 60_000);
    expect(await ups(fleet, 'DAY')).toEqual([]);
    await runAt(START + 25 * HOUR + 10 * 60_000);
    expect([await ups(service, 'DAY'), await ups(project, 'DAY'), await ups(fleet, 'DAY')]).toEqual([
      [96],
      [192],
      [192],
    ]);
    expect(await stores.rollups.progress(signal)).toEqual({
      ...{ hours: START + 25 * HOUR, days: START + DAY, trends: START + 25 * HOUR },
    });
  });

  it('that comes late catches up on all that is kept: the same as if it had come every hour', async () => {
    await lookedAt(START, START + 50 * HOUR, 'billing', 'ledger');
    for (let hour = 1; hour <= 50; hour += 1) await runAt(START + hour * HOUR + 10 * 60_000);
    const hourly = await everything();
    const fresh = fakeStores(SHARDS);
    stores = { ...stores, rollups: fresh.rollups };
    await runAt(START + 50 * HOUR + 10 * 60_000);
    expect(await everything()).toEqual(hourly);
    expect(hourly.rolls.flat()).toHaveLength(50 * 2 + 2 * 3);
  });

  it('twice, and beside another, writes what is there already', async () => {
    await lookedAt(START, START + 26 * HOUR, 'billing', 'ledger');
    await runAt(START + 25 * HOUR + 10 * 60_000);
    const once = await everything();
    const stale = { ...stores.rollups, progress: async () => undefined };
    await Promise.all([
      runAt(START + 25 * HOUR + 10 * 60_000, { rollups: stale }),
      runAt(START + 25 * HOUR + 10 * 60_000, { rollups: stale }),
    ]);
    expect(await everything()).toEqual(once);
  });

  it('that is cut off at any write is made whole by the next one', async () => {
    await lookedAt(START, START + 26 * HOUR, 'billing', 'ledger');
    await runAt(START + 25 * HOUR + 10 * 60_000);
    const whole = await everything();
    for (let left = 0; ; left += 1) {
      const { rollups } = fakeStores(SHARDS);
      stores = { ...stores, rollups };
      let writes = 0;
      const dying =
        <A extends unknown[]>(write: (...args: A) => Promise<void>) =>
        async (...args: A) => {
          if (writes === left) throw new Error('killed');
          writes += 1;
          await write(...args);
        };
      const cut = {
        ...rollups,
        ...{ advance: dying(rollups.advance), save: dying(rollups.save), saveHour: dying(rollups.saveHour) },
      };
      const outcome = await runAt(START + 25 * HOUR + 10 * 60_000, { rollups: cut }).catch((error: unknown) => error);
      await runAt(START + 25 * HOUR + 10 * 60_000);
      expect(await everything(), `after ${left} writes`).toEqual(whole);
      if (outcome === undefined) break;
    }
  });

  it('begins with the oldest service, and not before what is kept', async () => {
    await runAt(START + 40 * DAY, { resultsKeptMs: 2 * DAY });
    const from = START + 38 * DAY - HOUR;
    expect(await ups(fleet, 'HOUR', { from: START, before: from })).toEqual([]);
    expect(await ups(fleet, 'HOUR', { from, before: START + 40 * DAY })).toHaveLength(48);
  });

  it('of a fleet without services has nothing to do, and is begun with all the same', async () => {
    stores = fakeStores(SHARDS);
    await runAt(START + 5 * HOUR + 30 * 60_000);
    expect(await everything()).toMatchObject({ progress: undefined, rolls: [[], [], [], [], [], []] });
  });

  it('begins nothing more when it has taken its time, and goes on the next time', async () => {
    await lookedAt(START, START + 3 * DAY, 'billing');
    let now = START + 3 * DAY;
    const slow = {
      ...stores.rollups,
      advance: async (...args: Parameters<typeof stores.rollups.advance>) => {
        now += 61_000;
        await stores.rollups.advance(...args);
      },
    };
    await rollUp(ports({ clock: { now: () => now }, rollups: slow }), signal);
    expect(await stores.rollups.progress(signal)).toEqual({ hours: START + DAY, days: START, trends: START });
    await rollUp(ports({ clock: { now: () => now }, rollups: slow }), signal);
    expect(await stores.rollups.progress(signal)).toEqual({
      ...{ hours: START + DAY + HOUR, days: START, trends: START },
    });
  });

  it('stops when its function is about to end', async () => {
    const ending = new AbortController();
    ending.abort();
    clock.set(START + 5 * HOUR);
    await expect(rollUp(ports(), ending.signal)).rejects.toThrow('aborted');
  });

  it('reads rows page by page, of every network', async () => {
    const id = 'billing';
    const shard = shardOf('default', id, SHARDS);
    for (let n = 0; n < 900; n += 1) {
      const beat = START + n * 4_000;
      const results = packResults([{ tenant: 'default', id, verdict: 'up', cause: 'none', latencyMs: 1 }]);
      const row = { shard, network: 'private' as const, beat, startedAt: beat, finishedAt: beat, due: 1, checked: 1 };
      await stores.results.saveRow({ ...row, results }, beat + DAY, signal);
    }
    await runAt(START + HOUR + 10 * 60_000);
    expect(await ups(fleet, 'HOUR')).toEqual([900]);
  });

  it('counts in the day what came into a timeline after its hour had been rolled up', async () => {
    await lookedAt(START, START + 26 * HOUR, 'billing');
    await runAt(START + 2 * HOUR + 10 * 60_000);
    const late = { at: START + 30 * 60_000, intentId: 'i1', tenant: 'default', id: 'billing' };
    await stores.timeline.append(
      { ...late, kind: 'unhealthy', level: 'error', message: 'timeout', action: 'none' },
      START + 9 * DAY,
      signal,
    );
    await runAt(START + 25 * HOUR + 10 * 60_000);
    const [day] = await stores.rollups.rolls(service, 'DAY', { from: START, before: START + DAY }, signal);
    expect(day?.counts['failures']).toBe(1);
  });
});
