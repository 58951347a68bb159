import { describe, expect, it } from 'vitest';

import type { TimelineRecord } from '../../../lambdas/core/model/timeline.ts';
import { emptyRoll, inSequence, type Roll, together } from '../../../lambdas/core/numbers/roll.ts';
import { DAY_MS, joined, rollDay, sumsOf } from '../../../lambdas/core/numbers/roll-day.ts';
import { HOUR_MS, NAMELESS } from '../../../lambdas/core/numbers/roll-hour.ts';

const DAY = Date.UTC(2026, 0, 5);
const day = { from: DAY, before: DAY + DAY_MS };
const at = (hour: number) => DAY + hour * HOUR_MS;
const roll = (change: Partial<Roll> = {}): Roll => ({ ...emptyRoll, ...change });
const healthy = { health: 'healthy' } as const;
const entry = (counts: Roll['counts'], more: Partial<Roll> = {}, project?: string) => ({
  ...{ project, carry: healthy },
  roll: roll({ counts, healths: { healthy: 1 }, ...more }),
});
const record = (when: number, kind: TimelineRecord['kind'], details = {}): TimelineRecord => ({
  ...{ at: when, intentId: `${when}`, tenant: 'default', id: 'billing', kind, details },
  ...{ level: 'info', message: '', action: 'none' },
});

describe('a day of a shard', () => {
  it('is the sum of its hours, and stands as it stood at its end', () => {
    const hours = [0, 23].map((hour) => ({
      hour: at(hour),
      entries: { 'default#billing': entry({ 'verdict.up': 60 }, { latencies: [[5, 60]] }, `p${hour}`) },
    }));
    expect(rollDay(day, hours, {})).toEqual([
      {
        ...{ name: 'default#billing', project: 'p23' },
        roll: roll({ counts: { 'verdict.up': 120 }, latencies: [[5, 120]], healths: { healthy: 1 } }),
      },
    ]);
  });

  it('reckons what timelines say anew, so that a record that came late counts', () => {
    const hours = [
      { hour: at(3), entries: { 'default#billing': entry({ 'verdict.up': 6, failures: 7, 'alert.error': 2 }) } },
    ];
    const timelines = { 'default#billing': [record(at(3), 'unhealthy'), record(at(4), 'recovered')] };
    const [rolled] = rollDay(day, hours, timelines);
    expect(rolled?.roll.counts).toEqual({
      ...{ 'verdict.up': 6, 'alert.error': 2, failures: 1, downMs: HOUR_MS },
      ...{ 'recovered.alone.count': 1, 'recovered.alone.ms': HOUR_MS },
    });
  });

  it('goes on from the hour before it', () => {
    const carry = { health: 'unhealthy', downSince: DAY - HOUR_MS } as const;
    const before = { hour: DAY - HOUR_MS, entries: { 'default#billing': { ...entry({ 'verdict.down': 60 }), carry } } };
    const hours = [before, { hour: at(0), entries: { 'default#billing': entry({ 'verdict.down': 60 }) } }];
    const [rolled] = rollDay(day, hours, { 'default#billing': [record(at(1), 'recovered')] });
    expect(rolled?.roll.counts).toMatchObject({
      'verdict.down': 60,
      downMs: HOUR_MS,
      'recovered.alone.ms': 2 * HOUR_MS,
    });
  });

  it('knows no health of a service that was gone by the last hour, and keeps what has no name without one', () => {
    const gone = {
      hour: at(4),
      entries: { 'default#billing': entry({ 'verdict.up': 1 }), [NAMELESS]: entry({ failures: 1 }) },
    };
    const last = { hour: at(23), entries: { 'default#other': entry({}) } };
    const rolled = rollDay(day, [gone, last], {});
    expect(rolled.map(({ name, roll: { healths } }) => [name, healths])).toEqual([
      ['default#billing', {}],
      [NAMELESS, {}],
      ['default#other', { healthy: 1 }],
    ]);
    expect(rolled[1]?.roll.counts).toEqual({ failures: 1 });
  });
});

describe('sums', () => {
  const up = (count: number) => roll({ counts: { 'verdict.up': count }, healths: { healthy: 1 } });
  const rolled = [
    { name: 'a#one', project: 'erp', roll: up(1) },
    { name: 'a#two', project: 'erp', roll: up(2) },
    { name: 'b#one', project: 'erp', roll: up(4) },
    { name: 'a#free', roll: up(8) },
    { name: NAMELESS, roll: up(16) },
  ];

  it('are of each project of each tenant, and of the whole fleet', () => {
    const { fleet, projects } = sumsOf(rolled);
    expect(fleet).toMatchObject({ counts: { 'verdict.up': 31 }, healths: { healthy: 5 } });
    expect(projects.map(({ tenant, project, roll: { counts } }) => [tenant, project, counts['verdict.up']])).toEqual([
      ['a', 'erp', 3],
      ['b', 'erp', 4],
    ]);
  });

  it('of shards come to those of all their services', () => {
    const parts = [rolled.slice(0, 1), rolled.slice(1)].map((part) => sumsOf(part));
    expect(joined(parts)).toEqual(sumsOf(rolled));
  });

  it('keep a project whose name holds the sign between tenant and project', () => {
    const { projects } = sumsOf([{ name: 'a#one', project: 'x#y', roll: up(1) }]);
    expect(projects).toMatchObject([{ tenant: 'a', project: 'x#y' }]);
  });
});

describe('adding up', () => {
  it('keeps the last health in sequence, and counts healths of services side by side', () => {
    const [early, late] = [roll({ healths: { healthy: 2 } }), roll({ healths: { unhealthy: 1 } })];
    expect(inSequence([early, late]).healths).toEqual({ unhealthy: 1 });
    expect(together([early, late, early]).healths).toEqual({ healthy: 4, unhealthy: 1 });
    expect(inSequence([])).toEqual(emptyRoll);
  });

  it('adds restarts service by service, and leaves out what comes to nothing', () => {
    const one = roll({ counts: { failures: 1 }, restarted: { 'a#x': { ended: 1, lasting: 1 } } });
    const other = roll({
      counts: { failures: -1 },
      restarted: { 'a#x': { ended: 2, lasting: 0 }, 'a#y': { ended: 1, lasting: 1 } },
    });
    expect(together([one, other])).toMatchObject({
      restarted: { 'a#x': { ended: 3, lasting: 1 }, 'a#y': { ended: 1, lasting: 1 } },
    });
  });
});
