import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { wilson } from '../../../lambdas/core/trend/error-share.ts';

describe("Wilson's bounds", () => {
  // By hand, z = 3.09, z² = 9.5481. 10 of 100: (0.1 + 0.0477405) / 1.095481 = 0.13486, less and more
  // sqrt(0.095481 · (0.09 + 0.0238703)) / 1.095481 = 0.09518.
  it.each([
    [0, 100, 0, 0.08716],
    [10, 100, 0.03968, 0.23004],
    [100, 100, 0.91284, 1],
  ])('of %i in %i are %f and %f', (bad, looks, low, high) => {
    expect(wilson(bad, looks)[0]).toBeCloseTo(low, 4);
    expect(wilson(bad, looks)[1]).toBeCloseTo(high, 4);
  });

  it('are the two shares from which what was seen is 3.09 standard deviations away', () => {
    const drawn = fc
      .integer({ min: 1, max: 20_000 })
      .chain((looks) => fc.tuple(fc.integer({ min: 0, max: looks }), fc.constant(looks)));
    fc.assert(
      fc.property(drawn, ([bad, looks]) => {
        const seen = bad / looks;
        const [low, high] = wilson(bad, looks);
        expect(low).toBeLessThanOrEqual(seen + 1e-12);
        expect(high).toBeGreaterThanOrEqual(seen - 1e-12);
        for (const bound of [low, high])
          expect((seen - bound) ** 2).toBeCloseTo((3.09 ** 2 * bound * (1 - bound)) / looks, 9);
      }),
    );
  });
});
