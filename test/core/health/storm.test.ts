// The storm guard: who is counted, what is a storm, how long it holds, and that people are told once.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { Census } from '../../../lambdas/contract/messages.ts';
import {
  claimed,
  heard,
  newsAfterSeconds,
  newsOwed,
  noStorms,
  type Sighting,
  stormIn,
  stormOver,
  type Storms,
  stormsSchema,
  stormWords,
  told,
} from '../../../lambdas/core/health/storm.ts';
import { weathered } from '../../../lambdas/core/health/weathered.ts';
import { makeService } from '../../make/service.ts';
import { makeState, T0 } from '../../make/state.ts';
import { tell } from '../../make/story.ts';

const rules = { share: 0.3, least: 5, cooldownMs: 120_000 };
const of = (failing: number, services = 10): Census => ({ fleet: { services, failing } });
const sighting: Sighting = { group: 'fleet', services: 20, failing: 12 };
const seeing = (...sightings: Sighting[]) => ({ sightings, census: {}, isGuarding: true });
const seeingNothing = seeing();

describe('what was part of a storm', () => {
  it('is told after it as what can wait for others, and so is its end; what happens in between is news', () => {
    const once = makeService({ policy: { failureThreshold: 1, successThreshold: 1 } });
    const story = tell(once, makeState({ health: 'healthy' }));
    story.sees(['down'], { fleet: { restartsOn: true, storm: 'storm: all fail' } }).sees(['down']);
    story.reports({ kind: 'failed', reason: 'rolled back' });
    story.sees(['up']);
    const waits = story.alerts().map(({ kind, canWait }) => [kind, canWait]);
    expect(waits).toEqual([
      ['unhealthy', true],
      ['restart_failed', undefined],
      ['recovered', true],
    ]);
    expect(story.sees(['down']).alerts().at(-1)).not.toHaveProperty('canWait');
  });

  it('is not told of as held when its restart is ordered after it', () => {
    const once = makeService({ policy: { failureThreshold: 1, successThreshold: 1 } });
    const story = tell(once, makeState({ health: 'healthy' }));
    story.sees(['down'], { fleet: { restartsOn: true, storm: 'storm: all fail' } }).sees(['down']);
    const [alert] = story.alerts();
    expect(alert).toMatchObject({ kind: 'unhealthy', message: expect.stringContaining('A restart is ordered.') });
    expect(alert?.held).toBeUndefined();
  });
});

describe('a storm', () => {
  it.each([
    [4, 4, false],
    [5, 16, true],
    [5, 17, false],
    [6, 20, true],
    [5, 20, false],
    [0, 0, false],
  ])('of %i failing of %i: %s', (failing, services, expected) => {
    expect(stormIn(of(failing, services), ['fleet'], rules) !== undefined).toBe(expected);
  });

  it('is that of the widest group that fails together', () => {
    const census = {
      ...of(6, 100),
      'project erp': { services: 6, failing: 6 },
      'tag a=b': { services: 6, failing: 6 },
    };
    expect(stormIn(census, ['fleet', 'project erp', 'tag a=b'], rules)).toEqual({
      group: 'project erp',
      services: 6,
      failing: 6,
    });
    expect(stormIn(census, ['fleet', 'project crm'], rules)).toBeUndefined();
  });

  it('is said in words that stay the same while it lasts', () => {
    expect(stormWords(sighting)).toBe('storm: 12 of 20 services of the fleet failed together');
    expect(stormWords({ ...sighting, group: 'tag host=h1' })).toContain('of tag host=h1');
  });
});

describe('the storms of a fleet', () => {
  const open = weathered(noStorms, seeing(sighting), T0, rules);
  const [storm] = open.storms;

  it('begin with the first sighting, of which people are to be told', () => {
    expect(open).toEqual({
      version: 1,
      storms: [{ id: expect.stringMatching(/^storm-/), ...sighting, openedAt: T0, lastSeenAt: T0 }],
    });
    expect(newsOwed(storm!)).toBe('storm');
    expect(stormsSchema.parse(JSON.parse(JSON.stringify(open)))).toEqual(open);
  });

  it('are one for each group, though many services see it', () => {
    const erp = { ...sighting, group: 'project erp' };
    const { storms } = weathered(noStorms, seeing(sighting, sighting, erp), T0, rules);
    expect(storms.map(({ group }) => group)).toEqual(['fleet', 'project erp']);
    expect(new Set(storms.map(({ id }) => id)).size).toBe(2);
  });

  it('are one when that of the fleet follows what was its first sight', () => {
    const erp = { ...sighting, group: 'project erp' };
    const first = weathered(noStorms, seeing(erp), T0, rules);
    expect([newsAfterSeconds(first.storms[0]!), newsAfterSeconds(storm!)]).toEqual([15, 0]);
    const one = weathered(first, seeing(sighting), T0 + 1, rules);
    expect(one).toMatchObject({ version: 2, storms: [{ group: 'fleet' }] });
    expect(weathered(one, seeing(erp), T0 + 3, rules)).toBe(one);
    const over = weathered(one, seeing(erp), T0 + 120_001, rules);
    expect(over.storms.map(({ group, endedAt }) => [group, endedAt === undefined])).toEqual([
      ['fleet', false],
      ['project erp', true],
    ]);
    const known = told(first, first.storms[0]!.id, 'storm', T0);
    const ended = weathered(known, seeingNothing, T0 + 120_000, rules);
    expect(newsAfterSeconds(ended.storms[0]!)).toBe(0);
  });

  it.each([
    ['told', { toldAt: T0 }],
    ['being told, or perhaps told by one who died', { claimedUntil: T0 }],
    ['over', { endedAt: T0 }],
  ])('stay where that of the fleet follows and they are %s already', (_, change) => {
    const [erp] = weathered(noStorms, seeing({ ...sighting, group: 'project erp' }), T0, rules).storms;
    const both = { ...open, storms: [{ ...erp!, ...change }, storm!] };
    expect(weathered(both, seeing(sighting), T0 + 1, rules)).toBe(both);
  });

  it('of the fleet name all groups that were counted, for all are held', () => {
    const census = { ...of(6), 'project erp': { services: 2, failing: 0 }, 'tag a=b': { services: 1, failing: 1 } };
    const { storms } = weathered(noStorms, { ...seeing(sighting), census }, T0, rules);
    expect(storms[0]?.within).toEqual(['project erp', 'tag a=b']);
    const erp = { ...sighting, group: 'project erp' };
    expect(weathered(noStorms, { ...seeing(erp), census }, T0, rules).storms[0]?.within).toBeUndefined();
  });

  it('of the fleet name projects before tags, and large ones before small ones, as far as there is room', () => {
    const hosts = Object.fromEntries(
      Array.from({ length: 120 }, (_, n) => [`tag host=h-${n}`, { services: 9, failing: 9 }]),
    );
    const erp = { 'project small': { services: 1, failing: 1 }, 'project erp': { services: 5, failing: 5 } };
    const { storms } = weathered(noStorms, { ...seeing(sighting), census: { ...hosts, ...erp } }, T0, rules);
    expect(storms[0]?.within?.slice(0, 3)).toEqual(['project erp', 'project small', 'tag host=h-0']);
    expect(storms[0]?.within).toHaveLength(100);
  });

  it('are written again when they were not seen for a quarter of a minute', () => {
    expect(weathered(open, seeing(sighting), T0 + 14_999, rules)).toBe(open);
    const again = weathered(open, seeing({ ...sighting, failing: 19 }), T0 + 15_000, rules);
    expect(again).toEqual({ version: 2, storms: [{ ...storm, lastSeenAt: T0 + 15_000 }] });
  });

  it('are written again well within a short cooldown: they hold without a gap as long as they are seen', () => {
    const short = { ...rules, cooldownMs: 8_000 };
    let storms = open;
    for (let now = T0; now < T0 + 60_000; now += 2_000) {
      expect(stormOver(storms, ['fleet'], now, short)).toBeDefined();
      storms = weathered(storms, seeing(sighting), now, short);
    }
  });

  it('are still there as long as what is counted says so, though nobody was looked at just now', () => {
    const counted = { ...seeingNothing, census: of(12, 20) };
    expect(weathered(open, counted, T0 + 500_000, rules).storms).toMatchObject([{ lastSeenAt: T0 + 500_000 }]);
  });

  it('are over when they were not seen for the cooldown', () => {
    expect(weathered(open, seeingNothing, T0 + 119_999, rules)).toBe(open);
    const after = weathered(open, seeingNothing, T0 + 120_000, rules);
    expect(after).toEqual({ version: 2, storms: [{ ...storm, endedAt: T0 + 120_000 }] });
    expect(weathered(after, seeingNothing, T0 + 500_000, rules)).toBe(after);
  });

  it('are over at once when a person opens the guard, and none begins', () => {
    const opened = { ...seeing(sighting), isGuarding: false };
    expect(weathered(open, opened, T0 + 1, rules).storms).toMatchObject([{ endedAt: T0 + 1 }]);
    expect(weathered(noStorms, opened, T0, rules)).toBe(noStorms);
  });

  it('begin anew when one is seen after it was over', () => {
    const over = weathered(open, seeingNothing, T0 + 120_000, rules);
    const { storms } = weathered(over, seeing(sighting), T0 + 121_000, rules);
    expect(storms).toHaveLength(2);
    expect(storms[1]?.id).not.toBe(storm!.id);
  });

  it.each([
    ['the first sighting', open, ['fleet'], T0, true],
    ['its last moment', open, ['fleet', 'project erp'], T0 + 119_999, true],
    ['its end', open, ['fleet'], T0 + 120_000, false],
    [
      'a person has opened the guard',
      weathered(open, { ...seeingNothing, isGuarding: false }, T0, rules),
      ['fleet'],
      T0,
      false,
    ],
    ['it is another group', { ...open, storms: [{ ...storm!, group: 'project erp' }] }, ['fleet'], T0, false],
    ['there is none', noStorms, ['fleet'], T0, false],
  ])('hold restarts at %s: %#', (_, storms: Storms, groups, now, expected) => {
    expect(stormOver(storms, groups, now, rules)).toBe(expected ? stormWords(sighting) : undefined);
  });

  it('are told of once when they begin and once when they are over, and then forgotten', () => {
    const { id } = storm!;
    const claim = claimed(open, id, T0 + 20_000);
    expect(claim).toMatchObject({ version: 2, storms: [{ claimedUntil: T0 + 20_000 }] });
    const known = told(claim, id, 'storm', T0 + 1_000);
    expect(known.storms).toEqual([{ ...storm, toldAt: T0 + 1_000 }]);
    expect(newsOwed(known.storms[0]!)).toBeUndefined();
    const over = weathered(known, seeingNothing, T0 + 120_000, rules);
    expect(newsOwed(over.storms[0]!)).toBe('storm_over');
    expect(told(over, id, 'storm_over', T0 + 121_000)).toEqual({ version: 5, storms: [] });
  });

  it('that were over before anybody was told are told of all the same, first things first', () => {
    const over = weathered(open, seeingNothing, T0 + 120_000, rules);
    expect(newsOwed(over.storms[0]!)).toBe('storm');
  });

  it('that the bus alone waits for are kept for it, ten of them', () => {
    const known = (many: number): Storms => ({
      version: 1,
      storms: Array.from({ length: many }, (_, n) => ({
        ...storm!,
        id: `storm-${n}`,
        ...(n > 0 && { overToldAt: T0 }),
      })),
    });
    const after = (many: number) => told(known(many), 'storm-0', 'storm_over', T0, ['storm_over']).storms.length;
    expect([after(1), after(10), after(11)]).toEqual([1, 10, 10]);
    expect(told(known(11), 'storm-0', 'storm', T0, ['storm']).storms).toHaveLength(11);
  });

  it('are changed one at a time', () => {
    const two = weathered(noStorms, seeing(sighting, { ...sighting, group: 'project erp' }), T0, rules);
    const [one, other] = two.storms;
    expect(claimed(two, one!.id, 1).storms[1]).toBe(other);
    expect(told(two, one!.id, 'storm', 1).storms[1]).toBe(other);
    expect(told(two, one!.id, 'storm_over', 1).storms).toEqual([other]);
    const known = heard(claimed(two, one!.id, 1), one!.id, 'storm', []);
    expect(known).toMatchObject({ version: 3, storms: [{ busHeard: 'storm', claimedUntil: 1 }, {}] });
    expect(known.storms[1]).toBe(other);
    expect(told(known, one!.id, 'storm', 1).storms[0]?.busHeard, 'people have it now, too').toBeUndefined();
  });

  it('whatever is seen when: one open for a group at most, held while it is there, never over within the cooldown', () => {
    const beats = fc.array(fc.record({ passes: fc.integer({ min: 0, max: 200_000 }), isThere: fc.boolean() }));
    fc.assert(
      fc.property(beats, (story) => {
        let now = T0;
        let storms: Storms = noStorms;
        let seenAt = -Infinity;
        for (const { passes, isThere } of story) {
          now += passes;
          const before = storms;
          storms = weathered(storms, isThere ? seeing(sighting) : seeingNothing, now, rules);
          if (isThere) seenAt = now;
          const alive = storms.storms.filter(({ endedAt }) => endedAt === undefined);
          expect(alive.length).toBeLessThanOrEqual(1);
          if (isThere) expect(stormOver(storms, ['fleet'], now, rules)).toBeDefined();
          if (now - seenAt >= rules.cooldownMs) expect(alive).toEqual([]);
          // A sighting may be a quarter of a minute old before it is written again.
          if (now - seenAt < rules.cooldownMs - 15_000) expect(alive).toHaveLength(1);
          expect(storms.version).toBe(before.version + (storms === before ? 0 : 1));
          expect(weathered(storms, isThere ? seeing(sighting) : seeingNothing, now, rules)).toBe(storms);
        }
      }),
    );
  });
});
