// The windows of a shard, from rows as they are packed and from hours as they are rolled up.
import { describe, expect, it } from 'vitest';

import type { Verdict } from '../../../lambdas/core/model/observation.ts';
import { HOUR_MS, rollHour } from '../../../lambdas/core/numbers/roll-hour.ts';
import { type PackedRow, packResults } from '../../../lambdas/core/rounds/packed-row.ts';
import { sameTimeOf } from '../../../lambdas/core/trend/window.ts';
import { hourWindows, QUARTER_MS, quartersOf, stretchesFor } from '../../../lambdas/core/trend/windows-of.ts';
import { makeState } from '../../make/state.ts';

const START = Date.UTC(2026, 0, 5);
const DAY = 24 * HOUR_MS;
const billing = { tenant: 'default', id: 'billing' };
const ledger = { tenant: 'default', id: 'ledger' };
const row = (beat: number, id: string, verdict: Verdict, latencyMs?: number): PackedRow => ({
  ...{ shard: 0, network: 'public', beat, startedAt: beat, finishedAt: beat, due: 1, checked: 1 },
  results: packResults([{ tenant: 'default', id, verdict, cause: 'none', latencyMs }]),
});
const empty = { up: 0, slow: 0, down: 0, unknown: 0, p50Ms: undefined };

describe('quarters of an hour', () => {
  it('count what came in each of them, whatever the order of the rows, and are apart by service', () => {
    const rows = [
      row(START + QUARTER_MS, 'billing', 'down', 900),
      row(START + 2 * 60_000, 'billing', 'slow', 300),
      row(START + 60_000, 'billing', 'up', 100),
      row(START, 'billing', 'up', 100),
      row(START + 3 * 60_000, 'ledger', 'unknown'),
      row(START - 1, 'billing', 'up', 1),
      row(START + HOUR_MS, 'billing', 'up', 1),
    ];
    const of = quartersOf(rows, { from: START, before: START + HOUR_MS });
    expect(of(billing)).toEqual([
      { ...empty, at: START, up: 2, slow: 1, p50Ms: expect.closeTo(100, 0) },
      { ...empty, at: START + QUARTER_MS, down: 1 },
    ]);
    expect(of(ledger)).toEqual([{ ...empty, at: START, unknown: 1 }]);
    expect(of({ tenant: 'other', id: 'billing' })).toEqual([]);
  });
});

describe('an hour of a shard', () => {
  it('is a window of each of its services', () => {
    const services = [billing, ledger].map((key) => ({ ...key, registeredAt: START, state: makeState() }));
    const rows = [row(START, 'billing', 'up', 40), row(START + 60_000, 'billing', 'up', 60)];
    const entries = rollHour({
      ...{ hour: { from: START, before: START + HOUR_MS }, rows, services, timelines: {}, before: {} },
    });
    expect(hourWindows(START, entries)).toEqual([
      ['default#billing', { ...empty, at: START, up: 2, p50Ms: expect.closeTo(40, 0) }],
      ['default#ledger', { ...empty, at: START }],
    ]);
  });
});

describe('what is read', () => {
  const now = START + 20 * DAY + 9 * HOUR_MS;
  const { recent, past } = stretchesFor(now);

  it('is three hours, and three of each of the fourteen days before', () => {
    expect(recent).toEqual({ from: now - 3 * HOUR_MS, before: now });
    expect(past).toHaveLength(14);
    expect(past[0]).toEqual({ from: now - DAY - 2 * HOUR_MS, before: now - DAY + HOUR_MS });
    expect(past[13]).toEqual({ from: now - 14 * DAY - 2 * HOUR_MS, before: now - 14 * DAY + HOUR_MS });
  });

  it('is all that is the same time of day where no window is missing, and nothing else', () => {
    const hours = Array.from({ length: 19 * 24 }, (_, nth) => now - (nth + 1) * HOUR_MS - DAY / 2);
    const wanted = past.flatMap(({ from }) => [from, from + HOUR_MS, from + 2 * HOUR_MS]);
    // The fourth of the six newest windows is the one in the middle.
    const near = sameTimeOf(
      hours.map((at) => ({ ...empty, at, up: 60 })),
      now - 3 * QUARTER_MS,
    )!.map(({ at }) => at);
    expect(near.filter((at) => at >= now - 14 * DAY - 2 * HOUR_MS)).toEqual(wanted.sort((one, other) => other - one));
  });
});
