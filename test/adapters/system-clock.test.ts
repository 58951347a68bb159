import { describe, expect, it } from 'vitest';

import { systemClock, systemJitter } from '../../lambdas/adapters/system-clock.ts';

describe('the system clock', () => {
  it('gives the time in epoch milliseconds', () => {
    const before = Date.now();
    const now = systemClock.now();
    expect(now).toBeGreaterThanOrEqual(before);
    expect(now).toBeLessThanOrEqual(Date.now());
  });

  it('gives chance as numbers from 0 up to and without 1, not always the same', () => {
    const numbers = Array.from({ length: 100 }, systemJitter);
    expect(numbers.every((number) => number >= 0 && number < 1)).toBe(true);
    expect(new Set(numbers).size).toBeGreaterThan(1);
  });
});
