import { describe, expect, it } from 'vitest';

import { type Drift, driftOf, driftView, type Finding, isConfirmed } from '../../../lambdas/core/discovery/drift.ts';

const NOW = 1_800_000_000_000;
const MINUTE = 60_000;
const finding: Finding = { kind: 'gone', cluster: 'prod', service: 'web', tenant: 'default', id: 'web', message: 'x' };
const run = (at: number) => ({ at, clusters: [{ cluster: 'prod', services: 1 }] });
const first = driftOf(run(NOW), [finding], undefined);

describe('what a run writes down', () => {
  it('says since when each thing has been seen without a break', () => {
    expect(first.entries).toEqual([{ ...finding, since: NOW }]);
    const second = driftOf(run(NOW + 5 * MINUTE), [{ ...finding, message: 'y' }], first);
    expect(second.entries).toEqual([{ ...finding, message: 'y', since: NOW }]);
    const without = driftOf(run(NOW + 10 * MINUTE), [], second);
    const back = driftOf(run(NOW + 15 * MINUTE), [finding], without);
    expect(back.entries).toMatchObject([{ since: NOW + 15 * MINUTE }]);
  });

  it.each<[string, Partial<Finding>]>([
    ['kind', { kind: 'untagged' }],
    ['cluster', { cluster: 'stage' }],
    ['service', { service: 'api' }],
    ['tenant', { tenant: 'acme' }],
    ['id', { id: 'api' }],
    ['tag', { tag: 'lamplighter:id' }],
  ])('takes another %s for another thing', (_, other) => {
    const next = driftOf(run(NOW + 5 * MINUTE), [{ ...finding, ...other }], first);
    expect(next.entries).toMatchObject([{ since: NOW + 5 * MINUTE }]);
  });

  it('keeps the first two hundred, and says how many more there were', () => {
    const many = Array.from({ length: 203 }, (_, n) => ({ ...finding, service: `web-${n}` }));
    const { entries, leftOut } = driftOf(run(NOW), many, undefined);
    expect(entries.map(({ service }) => service)).toEqual(many.slice(0, 200).map(({ service }) => service));
    expect(leftOut).toBe(3);
    expect(driftOf(run(NOW), many.slice(0, 200), undefined).leftOut).toBe(0);
  });
});

describe('a thing that was seen before', () => {
  it.each([
    ['a run later', 5 * MINUTE, true],
    ['four minutes later', 4 * MINUTE, true],
    ['by the same run, which came twice', 4 * MINUTE - 1, false],
  ])('is confirmed %s: %s ms, %s', (_, later, confirmed) => {
    expect(isConfirmed(finding, first, NOW + later)).toBe(confirmed);
  });

  it('is not confirmed when the run before did not see it, or when there was none', () => {
    expect(isConfirmed({ ...finding, id: 'api' }, first, NOW + 5 * MINUTE)).toBe(false);
    expect(isConfirmed(finding, undefined, NOW)).toBe(false);
  });
});

describe('what people are shown', () => {
  const nothing = { seenAt: null, clusters: [], entries: [], leftOut: 0 };

  it('is why there is nothing', () => {
    expect(driftView(undefined, [], NOW)).toEqual({ status: 'off', ...nothing });
    expect(driftView(undefined, ['prod'], NOW)).toEqual({ status: 'not_run_yet', ...nothing });
    // What was seen before it was switched off is not true any more.
    expect(driftView(first, [], NOW)).toEqual({ status: 'off', ...nothing });
  });

  it('is what was seen and when, with times that people can read', () => {
    const clusters = [
      { cluster: 'prod', services: 1 },
      { cluster: 'gone', services: 0, fault: 'not found' },
    ];
    const drift: Drift = { ...first, clusters, leftOut: 2 };
    expect(driftView(drift, ['prod', 'gone'], NOW)).toEqual({
      status: 'ok',
      seenAt: new Date(NOW).toISOString(),
      clusters: [
        { cluster: 'prod', services: 1, fault: null },
        { cluster: 'gone', services: 0, fault: 'not found' },
      ],
      entries: [{ ...finding, since: new Date(NOW).toISOString() }],
      leftOut: 2,
    });
  });

  it('is called late when two runs have been missed', () => {
    expect(driftView(first, ['prod'], NOW + 12 * MINUTE)).toMatchObject({ status: 'ok' });
    expect(driftView(first, ['prod'], NOW + 13 * MINUTE)).toMatchObject({ status: 'late' });
  });
});
