// Results packed into nine bytes each, and read again.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { causes, verdicts } from '../../../lambdas/core/model/observation.ts';
import { type PackedRow, packResults, resultOf, resultsOf } from '../../../lambdas/core/rounds/packed-row.ts';
import { T0 } from '../../make/state.ts';

const rowOf = (results: Uint8Array): PackedRow => ({
  shard: 3,
  network: 'public',
  beat: T0,
  startedAt: T0 + 1,
  finishedAt: T0 + 2,
  due: 1,
  checked: 1,
  results,
});
const one = { tenant: 'default', id: 'a', verdict: 'up', cause: 'none' } as const;
const result = fc.record({
  tenant: fc.constantFrom('default', 'other'),
  id: fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,62}$/),
  verdict: fc.constantFrom(...verdicts),
  cause: fc.constantFrom(...causes),
  latencyMs: fc.option(fc.integer({ min: 0, max: 65_534 }), { nil: undefined }),
});

describe('a packed row', () => {
  it('gives back what was put in, for every service of it', () => {
    const results = fc.uniqueArray(result, { selector: ({ tenant, id }) => `${tenant}#${id}`, maxLength: 300 });
    fc.assert(
      fc.property(results, (all) => {
        const row = rowOf(packResults(all));
        for (const { tenant, id, ...rest } of all) expect(resultOf(row, tenant, id)).toEqual(rest);
        expect(row.results).toHaveLength(all.length * 9);
      }),
    );
  });

  it('knows nothing of a service that was not in it', () => {
    expect(resultOf(rowOf(packResults([one])), 'default', 'b')).toBeUndefined();
    expect(resultOf(rowOf(packResults([one])), 'other', 'a')).toBeUndefined();
    expect(resultOf(rowOf(new Uint8Array()), 'default', 'a')).toBeUndefined();
  });

  it('of many is read for one service, with its beat, where it has one', () => {
    const rows = [
      { ...rowOf(packResults([one, { ...one, id: 'b', verdict: 'down' }])), beat: T0 + 2 },
      { ...rowOf(packResults([{ ...one, id: 'b' }])), beat: T0 + 1 },
      { ...rowOf(packResults([{ ...one, verdict: 'slow', latencyMs: 7 }])), beat: T0 },
    ];
    expect(resultsOf(rows, 'default', 'a')).toEqual([
      { beat: T0 + 2, verdict: 'up', cause: 'none', latencyMs: undefined },
      { beat: T0, verdict: 'slow', cause: 'none', latencyMs: 7 },
    ]);
  });

  it.each([
    [70_000, 65_534],
    [12.6, 13],
    [-1, 0],
  ])('stores a latency of %f ms as %i', (latencyMs, stored) => {
    expect(resultOf(rowOf(packResults([{ ...one, latencyMs }])), 'default', 'a')?.latencyMs).toBe(stored);
  });

  it('is read where it lies inside a larger buffer', () => {
    const buffer = new Uint8Array(100);
    buffer.set(packResults([{ ...one, latencyMs: 5 }]), 11);
    expect(resultOf(rowOf(buffer.subarray(11, 20)), 'default', 'a')).toEqual({
      verdict: 'up',
      cause: 'none',
      latencyMs: 5,
    });
  });

  it('is read as far as it goes when it is cut off', () => {
    expect(resultOf(rowOf(packResults([one]).subarray(0, 8)), 'default', 'a')).toBeUndefined();
  });

  it('keeps the verdict when a newer version wrote a cause that is not known here', () => {
    const bytes = packResults([{ ...one, verdict: 'down' }]);
    bytes[6] = (verdicts.indexOf('down') << 6) | 63;
    expect(resultOf(rowOf(bytes), 'default', 'a')).toMatchObject({ verdict: 'down', cause: 'own_trouble' });
  });

  it('has room for every cause, whose numbers never change', () => {
    expect(causes.length).toBeLessThanOrEqual(63);
    expect(verdicts).toEqual(['up', 'slow', 'down', 'unknown']);
    expect(causes.slice(0, 4)).toEqual(['none', 'refused', 'reset', 'timeout']);
  });
});
