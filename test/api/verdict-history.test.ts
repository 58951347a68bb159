// How much of a past is read: the newest first, no more rows than one answer takes, and no longer than it may.
import { describe, expect, it } from 'vitest';

import type { ApiPorts } from '../../lambdas/api/request.ts';
import { readPast } from '../../lambdas/api/verdict-history.ts';
import { freshState } from '../../lambdas/core/model/state.ts';
import { packResults } from '../../lambdas/core/rounds/packed-row.ts';
import type { Stored } from '../../lambdas/ports/service-store.ts';
import type { ResultStore } from '../../lambdas/ports/timeline.ts';
import { fakeClock } from '../fakes/fake-clock.ts';
import { makeRegistration, makeService } from '../make/service.ts';
import { T0 } from '../make/state.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const { signal } = new AbortController();
const stored: Stored = {
  ...{ document: makeRegistration(), service: makeService(), state: freshState(T0) },
  ...{ version: 0, registeredAt: T0 },
};
const results = packResults([{ tenant: 'default', id: 'billing-api', verdict: 'up', cause: 'none' }]);

/** A shard with a row every `everyMs` since for ever; a page takes `pageMs`, and holds `most` rows. */
function bench({ everyMs = MINUTE, pageMs = 0, most = Infinity } = {}) {
  const clock = fakeClock(T0);
  const asked: { limit: number; before?: number | undefined }[] = [];
  const rows: ResultStore['rows'] = async ({ shard, network, from = 0, before = T0, limit }) => {
    asked.push({ limit, before });
    clock.pass(pageMs);
    const newest = Math.ceil(before / everyMs) * everyMs - everyMs;
    const count = Math.max(0, Math.min(limit, most, Math.floor((newest - from) / everyMs) + 1));
    return Array.from({ length: count }, (_, nth) => {
      const beat = newest - nth * everyMs;
      return { shard, network, beat, startedAt: beat, finishedAt: beat, due: 1, checked: 1, results };
    });
  };
  const timeline = { restarts: async () => [] };
  const ports = { clock, results: { rows }, timeline, shards: 4, limits: { networks: ['public'] } };
  const read = (windowMs: number) => readPast(stored, windowMs, ports as unknown as ApiPorts, signal);
  return { read, asked };
}

describe('reading the past', () => {
  it('gives every verdict of the window, oldest first, once', async () => {
    const { read } = bench();
    const { recorded, end, from } = await read(3 * DAY);
    expect({ end, from }).toEqual({ end: 'whole', from: T0 - 3 * DAY });
    expect(recorded.map(({ beat }) => beat)).toEqual(
      Array.from({ length: 3 * 24 * 60 }, (_, nth) => T0 - 3 * DAY + nth * MINUTE),
    );
  });

  it('takes a short page for no end: large rows make them', async () => {
    const { read, asked } = bench({ most: 7 });
    expect((await read(DAY)).recorded).toHaveLength(1440);
    expect(asked).toHaveLength(Math.ceil(1440 / 7) + 1);
  });

  it('holds thirty days of minutes', async () => {
    expect(await bench().read(30 * DAY)).toMatchObject({ end: 'whole' });
  });

  it('ends at 45,000 rows, with the newest', async () => {
    const { read, asked } = bench({ everyMs: 10_000 });
    const { recorded, end } = await read(30 * DAY);
    expect({ end, newest: recorded.at(-1)?.beat, oldest: recorded[0]?.beat }).toEqual({
      ...{ end: 'rows', newest: T0 - 10_000, oldest: T0 - 45_000 * 10_000 },
    });
    expect(asked.reduce((sum, { limit }) => sum + limit, 0)).toBe(45_000);
  });

  it('ends after eight seconds, with the newest', async () => {
    const { read, asked } = bench({ pageMs: 1_500 });
    const { recorded, end } = await read(30 * DAY);
    expect({ end, newest: recorded.at(-1)?.beat }).toEqual({ end: 'time', newest: T0 - MINUTE });
    expect(asked).toHaveLength(6);
    expect(recorded).toHaveLength(6_000);
  });
});
