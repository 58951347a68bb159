import { describe, expect, it } from 'vitest';

import { pageOf, parsePlace, placeText } from '../../../lambdas/core/values/place.ts';

const AT = Date.UTC(2026, 0, 31, 12);

describe('a place in a history', () => {
  it.each([
    [{ at: AT }, '2026-01-31T12:00:00.000Z'],
    [{ at: AT + 7, id: 'i000012' }, '2026-01-31T12:00:00.007Z~i000012'],
    [{ at: AT, id: '1b9d6bcd-bbfd:4.x_y' }, '2026-01-31T12:00:00.000Z~1b9d6bcd-bbfd:4.x_y'],
  ])('is written and read again: %j', (place, text) => {
    expect(placeText(place)).toBe(text);
    expect(parsePlace(text)).toEqual(place);
  });

  it('is any time that people write, within what the keys can name', () => {
    expect(parsePlace('2026-01-31T12:00:00Z')).toEqual({ at: AT });
    expect(parsePlace('0001-01-01T00:00:00Z')).toEqual({ at: 0 });
    expect(parsePlace('9999-12-31T23:59:59Z')).toEqual({ at: 9_999_999_999_999 });
  });

  it.each([
    ...['', 'yesterday', '2026-01-31', '~i1', 'i1~2026-01-31T12:00:00Z', '2026-01-31T12:00:00Z~'],
    ...['2026-01-31T12:00:00Z~a b', '2026-01-31T12:00:00Z~a~b', '2026-01-31T12:00:00Z~a#b'],
    `2026-01-31T12:00:00Z~${'x'.repeat(201)}`,
  ])('is not %j', (text) => {
    expect(parsePlace(text)).toBeUndefined();
  });
});

describe('a page', () => {
  const found = [3, 2, 1].map((n) => ({ at: AT, id: `i${n}` }));

  it('names its last entry as the place of the next one, where there is more', () => {
    expect(pageOf(found, 2, (place) => place)).toEqual({
      page: found.slice(0, 2),
      next: '2026-01-31T12:00:00.000Z~i2',
    });
  });

  it('leads nowhere when it is the last, or empty', () => {
    expect(pageOf(found, 3, (place) => place)).toEqual({ page: found, next: null });
    expect(pageOf([], 3, () => ({ at: 0 }))).toEqual({ page: [], next: null });
  });
});
