// Pages of a timeline under filters: whatever the filter and the page, a walk sees each record that fits once, and no
// answer reads without end.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { fleetRecords, recordPage, type RecordSource, serviceRecords } from '../../lambdas/api/record-pages.ts';
import type { TimelineRecord } from '../../lambdas/core/model/timeline.ts';
import { isAskedFor, type RecordFilter } from '../../lambdas/core/timeline/record-filter.ts';
import type { Place } from '../../lambdas/core/values/place.ts';
import type { Timeline } from '../../lambdas/ports/timeline.ts';
import { fakeStores } from '../fakes/fake-stores.ts';

const { signal } = new AbortController();
const DAY_MS = 86_400_000;
const END = 400 * DAY_MS;
const key = { tenant: 'default', id: 'billing' };
const record = (at: number, intentId: string, more: Partial<TimelineRecord> = {}): TimelineRecord => ({
  ...{ kind: 'unhealthy', level: 'error', message: 'timeout', action: 'none', at, intentId, ...key },
  ...more,
});

async function filled(records: readonly TimelineRecord[]) {
  const { timeline } = fakeStores(1);
  for (const one of records) await timeline.append(one, 0, signal);
  let reads = 0;
  const counted: Timeline = {
    ...timeline,
    events: (...args) => ((reads += 1), timeline.events(...args)),
    fleetDay: (...args) => ((reads += 1), timeline.fleetDay(...args)),
  };
  return { timeline: counted, reads: () => reads };
}

async function walk(source: RecordSource, limit: number, filter: RecordFilter, start: Place = { at: END }) {
  const pages: (readonly TimelineRecord[])[] = [];
  let place: Place | undefined = start;
  while (place) {
    const page = await recordPage(source, { start: place, limit, filter }, signal);
    pages.push(page.records);
    place = page.next;
  }
  return pages;
}
const nameOf = ({ tenant, id, at, intentId }: TimelineRecord) => `${tenant}/${id} ${at} ${intentId}`;

const levels = fc.constantFrom('info' as const, 'error' as const);
const lives = fc.uniqueArray(
  fc.record({
    at: fc.constantFrom(0, 1, DAY_MS - 1, DAY_MS, DAY_MS + 5, 3 * DAY_MS, 7 * DAY_MS),
    intentId: fc.integer({ min: 1, max: 12 }).map((n) => `i${n}`),
    tenant: fc.constantFrom('default', 'acme'),
    id: fc.constantFrom('billing', 'ledger'),
    level: levels,
  }),
  { selector: ({ at, intentId, tenant, id }) => `${at} ${intentId} ${tenant} ${id}`, maxLength: 40 },
);
const filters = fc.record(
  { level: levels.map((level) => [level]), tenant: fc.constantFrom('default', 'acme') },
  { requiredKeys: [] },
);

describe('a walk through the pages', () => {
  it('of the fleet sees every record that fits once, newest first, whatever the page and the filter', async () => {
    await fc.assert(
      fc.asyncProperty(
        lives,
        filters,
        fc.integer({ min: 1, max: 7 }),
        fc.constantFrom(0, 1, DAY_MS, 2 * DAY_MS),
        async (drawn, filter, limit, from) => {
          const records = drawn.map(({ at, intentId, ...more }) => record(at, intentId, more));
          const { timeline } = await filled(records);
          const seen = (await walk(fleetRecords(timeline, from), limit, filter)).flat();
          const expected = records.filter((one) => one.at >= from && isAskedFor(filter, one));
          expect(seen.map(nameOf).sort()).toEqual(expected.map(nameOf).sort());
          expect(seen.map(({ at }) => at)).toEqual(seen.map(({ at }) => at).sort((a, b) => b - a));
        },
      ),
      { numRuns: 200 },
    );
  });

  it('of a service sees every record that fits once', async () => {
    await fc.assert(
      fc.asyncProperty(lives, filters, fc.integer({ min: 1, max: 7 }), async (drawn, filter, limit) => {
        const records = drawn.map(({ at, intentId, ...more }) => record(at, intentId, more));
        const { timeline } = await filled(records);
        const seen = (await walk(serviceRecords(timeline, key, 1), limit, filter)).flat();
        const mine = records.filter(({ at, tenant, id }) => at >= 1 && tenant === key.tenant && id === key.id);
        expect(seen.map(nameOf).sort()).toEqual(
          mine
            .filter((one) => isAskedFor(filter, one))
            .map(nameOf)
            .sort(),
        );
      }),
      { numRuns: 100 },
    );
  });
});

describe('one page', () => {
  it('reads no more than it shows where nothing is left out, and one to know that there is more', async () => {
    const asked: number[] = [];
    const { timeline } = await filled([1, 2, 3].map((n) => record(n, `i${n}`)));
    const source = serviceRecords(
      { ...timeline, events: (of, page, cut) => (asked.push(page.limit), timeline.events(of, page, cut)) },
      key,
      undefined,
    );
    await recordPage(source, { start: { at: END }, limit: 2, filter: {} }, signal);
    expect(asked).toEqual([3]);
  });

  it('of days on which nothing happened ends after sixty of them, empty, and leads on', async () => {
    const { timeline, reads } = await filled([record(5, 'i1')]);
    const source = fleetRecords(timeline, 0);
    const first = await recordPage(source, { start: { at: 100 * DAY_MS }, limit: 5, filter: {} }, signal);
    expect(first).toEqual({ records: [], next: { at: 40 * DAY_MS } });
    expect(reads()).toBe(60);
    const second = await recordPage(source, { start: first.next!, limit: 5, filter: {} }, signal);
    expect(second.records).toHaveLength(1);
    expect(second.next).toBeUndefined();
  });

  it('under a filter that little fits ends after some thousand records, and leads on behind them', async () => {
    const { timeline } = await filled(Array.from({ length: 6_000 }, (_, n) => record(n + 1, `i${n}`)));
    const source = serviceRecords(timeline, key, undefined);
    const filter = { level: ['critical' as const] };
    const page = await recordPage(source, { start: { at: END }, limit: 5, filter }, signal);
    expect(page).toEqual({ records: [], next: { at: 1_001, id: 'i1000' } });
    expect(await recordPage(source, { start: page.next!, limit: 5, filter }, signal)).toEqual({
      records: [],
      next: undefined,
    });
  });

  it('asks nobody for days before the first', async () => {
    const { timeline, reads } = await filled([]);
    const source = fleetRecords(timeline, 2 * DAY_MS);
    expect(await recordPage(source, { start: { at: 2 * DAY_MS }, limit: 5, filter: {} }, signal)).toEqual({
      records: [],
      next: undefined,
    });
    expect(reads()).toBe(0);
    await recordPage(source, { start: { at: 2 * DAY_MS + 1 }, limit: 5, filter: {} }, signal);
    expect(reads()).toBe(1);
  });
});
