import { DDSketch } from '@datadog/sketches-js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import {
  mergeSketches,
  quantileOf,
  RELATIVE_ACCURACY,
  sizeOf,
  sketchOf,
} from '../../../lambdas/core/numbers/latency-sketch.ts';

const latencies = fc.array(fc.integer({ min: 0, max: 65_534 }), { minLength: 1, maxLength: 200 });
const shares = [0, 0.25, 0.5, 0.9, 0.95, 0.99, 1];

describe('a sketch of latencies', () => {
  it('says of every percentile what the library of the same algorithm says', () => {
    fc.assert(
      fc.property(latencies, (all) => {
        const oracle = new DDSketch({ relativeAccuracy: RELATIVE_ACCURACY });
        for (const ms of all) oracle.accept(ms);
        const sketch = sketchOf(all);
        for (const share of shares) expect(quantileOf(sketch, share)).toBeCloseTo(oracle.getValueAtQuantile(share), 6);
      }),
    );
  });

  it('is off by the promised share at most', () => {
    fc.assert(
      fc.property(latencies, (all) => {
        const ordered = all.toSorted((one, other) => one - other);
        const sketch = sketchOf(all);
        for (const share of shares) {
          const exact = ordered[Math.floor(share * (all.length - 1))] ?? 0;
          expect(Math.abs((quantileOf(sketch, share) ?? NaN) - exact)).toBeLessThanOrEqual(
            exact * RELATIVE_ACCURACY + 1e-9,
          );
        }
      }),
    );
  });

  it('comes to the same in parts as in one, whatever the parts and their order', () => {
    fc.assert(
      fc.property(fc.array(latencies, { minLength: 1, maxLength: 5 }), (parts) => {
        const merged = mergeSketches(parts.map((part) => sketchOf(part)));
        expect(merged).toEqual(sketchOf(parts.flat()));
        expect(mergeSketches(parts.toReversed().map((part) => sketchOf(part)))).toEqual(merged);
        expect(sizeOf(merged)).toBe(parts.flat().length);
      }),
    );
  });

  it('of nothing says nothing', () => {
    expect(quantileOf(sketchOf([]), 0.5)).toBeUndefined();
    expect(mergeSketches([])).toEqual([]);
    expect(sizeOf([])).toBe(0);
  });

  it('counts an answer of less than half a millisecond as one of none', () => {
    expect(quantileOf(sketchOf([0, 0, 0, 100]), 0.5)).toBe(0);
  });
});
