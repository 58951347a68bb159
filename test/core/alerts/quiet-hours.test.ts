// Quiet hours end when the clock on the wall says so, also in nights in which it is changed.
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { type QuietHours, quietHoursSchema, quietUntil } from '../../../lambdas/core/alerts/quiet-hours.ts';

const night: QuietHours = { from: '22:00', to: '07:00', timeZone: 'Europe/Berlin', levels: ['info', 'warning'] };
const untilOf = (at: string, hours: QuietHours) => {
  const until = quietUntil(Date.parse(at), hours);
  return until === undefined ? undefined : new Date(until).toISOString();
};

describe('quiet hours', () => {
  it.each([
    ['in the evening', '2026-01-05T21:00:00.000Z', '2026-01-06T06:00:00.000Z'],
    ['in the morning', '2026-01-05T05:59:59.999Z', '2026-01-05T06:00:00.000Z'],
    ['just before they begin', '2026-01-05T20:59:59.999Z', undefined],
    ['as they end', '2026-01-05T06:00:00.000Z', undefined],
    ['by day', '2026-01-05T12:00:00.000Z', undefined],
    ['in summer', '2026-07-05T20:00:00.000Z', '2026-07-06T05:00:00.000Z'],
    ['in the night that is an hour shorter', '2026-03-28T22:00:00.000Z', '2026-03-29T05:00:00.000Z'],
    ['in the night that is an hour longer', '2026-10-24T20:30:00.000Z', '2026-10-25T06:00:00.000Z'],
  ])('%s', (_when, at, until) => expect(untilOf(at, night)).toBe(until));

  it('may lie within one day', () => {
    const noon = { ...night, from: '12:00', to: '13:30', timeZone: 'Asia/Kolkata' };
    expect(untilOf('2026-01-05T06:30:00.000Z', noon)).toBe('2026-01-05T08:00:00.000Z');
    expect(untilOf('2026-01-05T08:00:00.000Z', noon)).toBeUndefined();
    expect(untilOf('2026-01-05T06:29:00.000Z', noon)).toBeUndefined();
  });

  it('that end at a time which is skipped end with the skip', () => {
    const early = { ...night, to: '02:30' };
    expect(untilOf('2026-03-29T00:59:00.000Z', early)).toBe('2026-03-29T01:00:00.000Z');
  });

  it('may begin before midnight and end at it', () => {
    expect(untilOf('2026-01-05T22:30:00.000Z', { ...night, to: '00:00' })).toBe('2026-01-05T23:00:00.000Z');
  });

  it('that are all but a minute of a day end after a day, whatever the clock does', () => {
    const all = { ...night, from: '00:01', to: '00:00' };
    expect(untilOf('2026-10-24T22:01:00.000Z', all)).toBe('2026-10-25T23:00:00.000Z');
  });
});

const minute = fc.integer({ min: 0, max: 1_439 }).map((of) => {
  const two = (n: number) => String(n).padStart(2, '0');
  return `${two(Math.floor(of / 60))}:${two(of % 60)}`;
});
/** Moments around the changes of clocks of many years and both halves of the earth. */
const changes = [
  '2026-03-29T01:00Z',
  '2026-10-25T01:00Z',
  '2027-04-03T15:00Z',
  '2026-11-01T06:00Z',
  '2026-06-15T12:00Z',
];
const moment = fc
  .record({ change: fc.constantFrom(...changes), off: fc.integer({ min: -36 * 3_600_000, max: 36 * 3_600_000 }) })
  .map(({ change, off }) => Date.parse(change) + off);
const zone = fc.constantFrom('Europe/Berlin', 'Australia/Lord_Howe', 'America/New_York', 'UTC', 'Asia/Kathmandu');

describe('the end of quiet hours', () => {
  it('is not quiet, all before it is, and it comes within a day and two hours', () => {
    const property = fc.property(moment, minute, minute, zone, (now, from, to, timeZone) => {
      fc.pre(from !== to);
      const hours: QuietHours = { from, to, timeZone, levels: ['info'] };
      const until = quietUntil(now, hours);
      if (until === undefined) return;
      expect(until).toBeGreaterThan(now);
      expect(until - now).toBeLessThanOrEqual(26 * 3_600_000);
      expect(quietUntil(until, hours)).toBeUndefined();
      expect(quietUntil(until - 1, hours)).toBe(until);
      expect(quietUntil(now + Math.floor((until - 1 - now) / 2), hours)).toBe(until);
    });
    fc.assert(property, { numRuns: 60 });
  });
});

it('hours that never end, which no setting allows, are looked through for a day and two hours', () => {
  expect(untilOf('2026-01-05T12:00:00.000Z', { ...night, to: '22:00' })).toBe('2026-01-06T14:00:00.000Z');
});

describe('the setting', () => {
  it.each([
    ['no time of day', { from: '7:00' }],
    ['an empty night', { to: '22:00' }],
    ['no time zone', { timeZone: 'Berlin' }],
    ['a level that never waits', { levels: ['critical'] }],
  ])('is refused with %s', (_what, wrong) =>
    expect(quietHoursSchema.safeParse({ ...night, ...wrong }).success).toBe(false),
  );
  it('is taken as it stands', () => expect(quietHoursSchema.parse(night)).toEqual(night));
});
