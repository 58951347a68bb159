import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { Trend } from '../../../lambdas/core/model/events.ts';
import { findTrend } from '../../../lambdas/core/trend/find-trend.ts';
import type { Window } from '../../../lambdas/core/trend/window.ts';
import { T0 } from '../../make/state.ts';

const QUARTER = 900_000;
const DAY = 96;
const LOOKS = 15;

type Draft = Partial<Window>;
const windowAt = (nth: number, change: Draft = {}): Window => ({
  ...{ at: T0 + nth * QUARTER, up: LOOKS - (change.slow ?? 0) - (change.down ?? 0), slow: 0, down: 0, unknown: 0 },
  p50Ms: 100,
  ...change,
});
/** So many windows up to now, oldest first, each as `draft` says of it. */
const life = (count: number, draft: (nth: number) => Draft = () => ({})) =>
  Array.from({ length: count }, (_, nth) => windowAt(nth, draft(nth)));
/** Judges the newest three hours by all that was before. */
const judge = (windows: readonly Window[], known?: Trend) =>
  findTrend({ past: windows.slice(0, -12), recent: windows.slice(-12), known });
/** Judges after every window; gives what was found after each. */
function follow(windows: readonly Window[], from: number): (Trend | undefined)[] {
  const found: (Trend | undefined)[] = [];
  for (let end = from; end <= windows.length; end += 1) found.push(judge(windows.slice(0, end), found.at(-1)));
  return found;
}
const begins = (found: readonly (Trend | undefined)[]) =>
  found.filter((trend, nth) => trend && trend.kind !== found[nth - 1]?.kind).length;

/** A week of a service that scatters by at most a tenth, and then what comes. */
const scattered = fc.array(fc.double({ min: 0.9, max: 1.1, noNaN: true }), { minLength: 7 * DAY, maxLength: 7 * DAY });
const levels = fc.double({ min: 12, max: 2_000, noNaN: true });

describe('a service that is as it always was', () => {
  it('is not warned of, however fast, slow, or bad it is', () => {
    const bad = fc.integer({ min: 0, max: 6 });
    fc.assert(
      fc.property(levels, bad, bad, (p50Ms, down, slow) => {
        expect(judge(life(5 * DAY, () => ({ p50Ms, down, slow })))).toBeUndefined();
      }),
    );
  });

  it('is not warned of for one outlier, nor for two, whatever they are', () => {
    const outlier = fc.record({
      p50Ms: fc.option(fc.double({ min: 1, max: 60_000, noNaN: true }), { nil: undefined }),
      down: fc.integer({ min: 0, max: LOOKS }),
      unknown: fc.nat(9),
    });
    const places = fc.tuple(
      fc.integer({ min: 7 * DAY - 12, max: 7 * DAY - 1 }),
      fc.integer({ min: 0, max: 7 * DAY - 1 }),
    );
    fc.assert(
      fc.property(scattered, places, outlier, (scatter, [late, any], drawn) => {
        const windows = life(7 * DAY, (nth) =>
          nth === late || nth === any ? drawn : { p50Ms: 100 * (scatter[nth] ?? 1) },
        );
        expect(judge(windows)).toBeUndefined();
      }),
    );
  });

  it('is not warned of for what comes every day at the same time', () => {
    const windows = life(8 * DAY, (nth) => (nth % DAY >= 8 && nth % DAY < 20 ? { p50Ms: 400, down: 3 } : {}));
    expect(begins(follow(windows, 5 * DAY))).toBe(0);
  });

  it('is warned of when the same comes at another time', () => {
    const windows = life(8 * DAY, (nth) =>
      nth % DAY >= (nth > 7 * DAY ? 50 : 8) && nth % DAY < 20 + (nth > 7 * DAY ? 42 : 0) ? { p50Ms: 400 } : {},
    );
    const found = follow(windows, 5 * DAY);
    expect(begins(found)).toBe(1);
    expect(found.at(-1)).toBeUndefined();
  });
});

describe('a service that drifts', () => {
  it('to half its speed is found within four windows, from the first of them', () => {
    fc.assert(
      fc.property(scattered, levels, (scatter, level) => {
        const windows = life(7 * DAY, (nth) => ({ p50Ms: level * (scatter[nth] ?? 1) * (nth >= 7 * DAY - 4 ? 2 : 1) }));
        expect(judge(windows)).toMatchObject({ kind: 'latency', since: T0 + (7 * DAY - 4) * QUARTER });
        expect(judge(windows.slice(0, -1))).toBeUndefined();
      }),
    );
  });

  it('is said to be slower, by how much, and than what', () => {
    const windows = life(5 * DAY, (nth) => (nth >= 5 * DAY - 5 ? { p50Ms: 240.4 } : {}));
    expect(judge(windows)).toEqual({
      ...{ kind: 'latency', since: T0 + (5 * DAY - 5) * QUARTER, now: 240, usual: 100 },
      message: 'Answers take 240 ms; 100 ms are usual at this time of day.',
    });
  });

  it('by little, in parts or in milliseconds, is left alone', () => {
    const end = 5 * DAY;
    const at = (usual: number, now: number) => judge(life(end, (nth) => ({ p50Ms: nth >= end - 6 ? now : usual })));
    expect(at(100, 149)).toBeUndefined();
    expect(at(100, 151)).toBeDefined();
    expect(at(2, 6.9)).toBeUndefined();
    expect(at(2, 7.1)).toBeDefined();
  });

  it('by less than it scatters is left alone', () => {
    const end = 7 * DAY;
    const wild = [50, 200, 80, 130, 400, 30, 100];
    const windows = life(end, (nth) => ({ p50Ms: nth >= end - 6 ? 250 : wild[nth % wild.length]! }));
    expect(judge(windows)).toBeUndefined();
  });

  it('to more errors is found, when most of the recent windows have them', () => {
    const end = 5 * DAY;
    const windows = (bad: number, since: number) =>
      life(end, (nth) => (nth >= end - since ? { down: bad - 1, slow: 1 } : {}));
    expect(judge(windows(3, 4))).toEqual({
      ...{ kind: 'errors', since: T0 + (end - 4) * QUARTER, now: 12 / 90, usual: 0 },
      message: '13.3 % of the looks are slow or fail; 0 % are usual.',
    });
    expect(judge(windows(7, 3))).toBeUndefined();
    expect(judge(windows(1, 6))).toBeUndefined();
  });

  it('to more errors than the many that are usual is found only when they are surely twice as many', () => {
    const end = 7 * DAY;
    const windows = (now: number) => life(end, (nth) => ({ down: nth >= end - 6 ? now : 1 }));
    expect(judge(windows(3))).toBeUndefined();
    expect(judge(windows(5))).toMatchObject({ kind: 'errors', usual: 1 / 15 });
  });

  it('into an outage is not warned of: people are told of that otherwise', () => {
    const windows = life(5 * DAY, (nth) => (nth >= 5 * DAY - 6 ? { down: 8, p50Ms: 900 } : {}));
    expect(judge(windows)).toBeUndefined();
  });

  it('is told of its errors first, and of its latency when only that is left', () => {
    const end = 5 * DAY;
    const windows = life(end + 12, (nth) => (nth < end ? {} : { p50Ms: 300, down: nth < end + 6 ? 5 : 0 }));
    const kinds = follow(windows, end).map((trend) => trend?.kind);
    expect([...new Set(kinds)]).toEqual([undefined, 'errors', 'latency']);
  });

  it('to errors while it is slow stays one episode, until it is fast again', () => {
    const end = 5 * DAY;
    const slow = (nth: number) => nth >= end && nth < end + 10;
    const windows = life(end + 20, (nth) => ({ p50Ms: slow(nth) ? 300 : 100, down: nth >= end + 6 ? 5 : 0 }));
    const kinds = follow(windows, end).map((trend) => trend?.kind);
    expect([...new Set(kinds)]).toEqual([undefined, 'latency', 'errors']);
    expect(kinds.filter((kind) => kind === 'latency').length).toBeGreaterThan(6);
  });
});

describe('a warning', () => {
  const end = 5 * DAY;

  it('ends when the newest windows are all well below where it began, and keeps its beginning until then', () => {
    const levelsAt = (nth: number) => (nth < end ? 100 : nth < end + 8 ? 300 : nth < end + 16 ? 140 : 110);
    const found = follow(
      life(end + 24, (nth) => ({ p50Ms: levelsAt(nth) })),
      end,
    );
    const since = found.flatMap((trend) => trend?.since ?? []);
    expect(new Set(since)).toEqual(new Set([T0 + end * QUARTER]));
    // Four windows at 300 begin it; at 140 it would not have begun, and does not end; the fourth at 110 ends it.
    expect(since).toHaveLength(4 + 8 + 4 - 1 + 1);
    expect(begins(found)).toBe(1);
  });

  it('of errors ends when they are no more than twice the usual ones', () => {
    const found = follow(
      life(end + 16, (nth) => ({ down: nth >= end && nth < end + 8 ? 4 : 0 })),
      end,
    );
    expect(begins(found)).toBe(1);
    expect(found.at(-1)).toBeUndefined();
    expect(found.filter(Boolean).length).toBeGreaterThan(8);
  });

  it('becomes the usual when it stays for days', () => {
    const found = follow(
      life(end + 8 * DAY, (nth) => ({ p50Ms: nth >= end ? 300 : 100 })),
      end,
    );
    expect(begins(found)).toBe(1);
    expect(found.at(-1)).toBeUndefined();
  });
});

describe('what cannot be told', () => {
  const end = 5 * DAY;
  const slow = (nth: number) => (nth >= end - 6 ? { p50Ms: 300 } : {});

  it('counts for nothing: unknown looks change nothing of what is found', () => {
    const unknowns = fc.array(fc.nat(30), { minLength: end, maxLength: end });
    fc.assert(
      fc.property(unknowns, fc.boolean(), (unknown, isSlow) => {
        const plain = life(end, isSlow ? slow : undefined);
        const clouded = plain.map((window, nth) => ({ ...window, unknown: unknown[nth] ?? 0 }));
        expect(judge(clouded)).toEqual(judge(plain));
      }),
      { numRuns: 30 },
    );
  });

  it('neither begins nor ends anything: what was known stays', () => {
    const blind = life(end, (nth) => (nth >= end - 9 ? { up: 0, unknown: 15, p50Ms: undefined } : {}));
    const known: Trend = { kind: 'errors', since: T0, now: 0.1, usual: 0, message: 'it was so' };
    expect(judge(blind)).toBeUndefined();
    expect(judge(blind, known)).toBe(known);
    expect(findTrend({ past: blind, recent: [], known })).toBe(known);
  });

  it('is said of nobody in his first three days, nor of one who is looked at too rarely', () => {
    const young = life(3 * DAY - 8, (nth) => (nth >= 3 * DAY - 14 ? { p50Ms: 300 } : {}));
    expect(judge(young)).toBeUndefined();
    expect(judge(life(end, (nth) => ({ ...slow(nth), up: 2 })))).toBeUndefined();
    expect(judge(life(end, (nth) => ({ ...slow(nth), up: 3 })))).toBeDefined();
  });

  it('is what a past of too few windows says, though they are of many days', () => {
    const past = (days: number, perDay: number) =>
      life(end).filter(({ at }) => {
        const nth = (at - T0) / QUARTER;
        return nth < days * DAY && (nth - 90 + DAY) % DAY < perDay;
      });
    const recent = life(end, slow).slice(-6);
    expect(findTrend({ past: past(4, 2), recent })).toBeUndefined();
    expect(findTrend({ past: past(4, 3), recent })).toBeDefined();
  });

  it('of latency is said where no look was answered in time, and no time was kept', () => {
    expect(judge(life(end, () => ({ p50Ms: undefined })))).toBeUndefined();
    expect(judge(life(end, (nth) => ({ p50Ms: nth > end - 6 ? 300 : undefined })))).toBeUndefined();
  });

  it('is what lies more than three hours back', () => {
    const windows = life(end, (nth) => (nth >= end - 20 && nth < end - 12 ? { p50Ms: 300 } : {}));
    expect(findTrend({ past: windows.slice(0, -40), recent: windows.slice(-40) })).toBeUndefined();
  });
});
