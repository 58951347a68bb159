// When services are due: how often over an hour, how evenly over the minutes, and when last.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  beatsOfMinute,
  isDue,
  isOvertaken,
  lastDueBeat,
  stepFor,
  type Timed,
} from '../../../lambdas/core/rounds/due.ts';
import { T0 } from '../../make/state.ts';

const HOUR_SECONDS = 3_600;
const ids = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,20}$/);
const intervals = fc.integer({ min: 1, max: HOUR_SECONDS });
const hours = fc.integer({ min: 0, max: 1_000_000 }).map((hour) => hour * HOUR_SECONDS * 1000);
const timed = (intervalSeconds: number, id = 'billing-api'): Timed => ({ tenant: 'default', id, intervalSeconds });

/** Every beat of an hour at which the service is due, on this grid. */
const dueIn = (service: Timed, from: number, stepSeconds: number, seconds = HOUR_SECONDS): number[] =>
  Array.from({ length: seconds / stepSeconds }, (_, index) => from + index * stepSeconds * 1000).filter((beat) =>
    isDue(service, beat, stepSeconds),
  );

describe('the grid of beats', () => {
  it.each([
    [0.5, 1],
    [1, 1],
    [7, 6],
    [10, 10],
    [14, 12],
    [29, 20],
    [30, 30],
    [59, 30],
    [60, 60],
    [3_600, 60],
  ])('for a shortest interval of %f s has steps of %i s', (fastest, step) => {
    expect(stepFor(fastest)).toBe(step);
  });

  it('divides the minute', () => {
    expect(beatsOfMinute(20)).toEqual([0, 20, 40]);
    expect(beatsOfMinute(60)).toEqual([0]);
  });
});

describe('a service', () => {
  it('is due about as often in any hour as its interval says', () => {
    fc.assert(
      fc.property(intervals, ids, hours, (intervalSeconds, id, from) => {
        const due = dueIn(timed(intervalSeconds, id), from, stepFor(intervalSeconds)).length;
        expect(Math.abs(due - HOUR_SECONDS / intervalSeconds)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('is due about as often on the finer grid of a faster neighbour', () => {
    fc.assert(
      fc.property(intervals, intervals, hours, (intervalSeconds, faster, from) => {
        const step = stepFor(Math.min(intervalSeconds, faster));
        const due = dueIn(timed(intervalSeconds), from, step).length;
        expect(Math.abs(due - HOUR_SECONDS / intervalSeconds)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it.each([1, 2, 5, 10, 12, 15, 20, 30, 60, 120, 300, 600, 900, 1_800, 3_600])(
    'with an interval of %i s is due exactly that far apart',
    (intervalSeconds) => {
      const due = dueIn(timed(intervalSeconds), T0, stepFor(intervalSeconds), 2 * HOUR_SECONDS);
      expect(due).toHaveLength((2 * HOUR_SECONDS) / intervalSeconds);
      expect(new Set(due.slice(1).map((beat, index) => beat - due[index]!))).toEqual(new Set([intervalSeconds * 1000]));
    },
  );

  it('of a minute or more is due at whole minutes only', () => {
    const due = dueIn(timed(90), T0, 10);
    expect(due).toHaveLength(40);
    expect(due.filter((beat) => beat % 60_000 !== 0)).toEqual([]);
  });

  it('is not due off the grid', () => {
    expect(isDue(timed(10), T0 + 5_000, 10)).toBe(false);
    expect(isDue(timed(10), T0, 10)).toBe(true);
  });
});

describe('a thousand services of five minutes', () => {
  it('are spread evenly over the five minutes', () => {
    const perMinute = [0, 1, 2, 3, 4].map(
      (minute) =>
        Array.from({ length: 1_000 }, (_, index) => timed(300, `service-${index}`)).filter((service) =>
          isDue(service, T0 + minute * 60_000, 60),
        ).length,
    );
    expect(perMinute.reduce((sum, count) => sum + count)).toBe(1_000);
    expect(Math.min(...perMinute)).toBeGreaterThan(150);
    expect(Math.max(...perMinute)).toBeLessThan(250);
  });
});

describe('the last beat at which a service was due', () => {
  it('is the newest one up to now for which isDue says so', () => {
    fc.assert(
      fc.property(intervals, ids, hours, fc.nat(HOUR_SECONDS * 1000), (intervalSeconds, id, from, ms) => {
        const service = timed(intervalSeconds, id);
        const now = from + 2 * HOUR_SECONDS * 1000 + ms;
        const step = stepFor(intervalSeconds);
        const last = lastDueBeat(service, now);
        expect(last).toBeLessThanOrEqual(now);
        expect(isDue(service, last, step)).toBe(true);
        const next = last + step * 1000;
        for (let beat = next; beat <= now; beat += step * 1000) expect(isDue(service, beat, step)).toBe(false);
      }),
    );
  });
});

describe('a look', () => {
  it.each([
    [60, 0, false],
    [60, 119, false],
    [60, 120, true],
    [10, 19, false],
    [10, 20, true],
    [1, 19, false],
    [1, 20, true],
    [3_600, 7_199, false],
  ])('at an interval of %i s is overtaken when it is %i s late: %s', (intervalSeconds, lateSeconds, expected) => {
    expect(isOvertaken(intervalSeconds, T0, T0 + lateSeconds * 1000)).toBe(expected);
  });
});
