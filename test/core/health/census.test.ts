// The census: who is counted in which groups, and by what mark two are told apart.
import { isDeepStrictEqual } from 'node:util';

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { Census } from '../../../lambdas/contract/messages.ts';
import { addCensus, censusMark, groupsOf, isFailing, takeCensus } from '../../../lambdas/core/health/census.ts';
import { makeService } from '../../make/service.ts';
import { makeIncident, makeState, T0 } from '../../make/state.ts';

const HOUR = 3_600_000;
const service = makeService({ project: 'erp', tags: { team: 'payments', host: 'h1' } });
const look = { verdict: 'down', cause: 'timeout', beat: T0 } as const;
const of = (failing: number, services = 10): Census => ({ fleet: { services, failing } });

describe('the census', () => {
  it('counts a service in the fleet, in its project and under each of its tags, the widest first', () => {
    expect(groupsOf(service)).toEqual(['fleet', 'project erp', 'tag team=payments', 'tag host=h1']);
    expect(groupsOf(makeService())).toEqual(['fleet']);
  });

  it.each([
    ['healthy and answers', {}, false],
    ['was seen down, but not often enough', { last: look }, true],
    ['is unhealthy, though it answers again', { health: 'unhealthy', last: { ...look, verdict: 'up' } }, true],
    ['is paused', { health: 'unhealthy', last: look, paused: { by: 'ada', at: T0 } }, false],
    ['was paused', { last: look, paused: { by: 'ada', at: T0, until: T0 } }, true],
    ['waits for a person', { health: 'unhealthy', incident: makeIncident({ handsOff: 'limit' }) }, false],
    ['was taken back by a person', { last: look, incident: makeIncident({ handsOff: 'cancelled' }) }, false],
    ['has an incident', { health: 'unhealthy', incident: makeIncident() }, true],
    ['was told of an hour ago', { health: 'unhealthy', incident: makeIncident({ toldAt: T0 - HOUR }) }, true],
    ['was told of before that', { health: 'unhealthy', incident: makeIncident({ toldAt: T0 - HOUR - 1 }) }, false],
    [
      'is part of a storm that is older',
      { health: 'unhealthy', incident: makeIncident({ toldAt: T0 - 2 * HOUR, untold: true }) },
      true,
    ],
  ] as const)('has for one that %s: %j', (_, state, expected) => {
    expect(isFailing(makeState(state), T0)).toBe(expected);
  });

  it('takes the look of this very beat for the newest', () => {
    expect(isFailing(makeState(), T0, true)).toBe(true);
    expect(isFailing(makeState({ last: look }), T0, false)).toBe(false);
  });

  it('counts all and those that fail, the largest groups first', () => {
    const other = makeService({ id: 'b', project: 'crm' });
    const census = takeCensus([
      { service, isFailing: true },
      { service: other, isFailing: false },
      { service: other, isFailing: true },
    ]);
    expect(census).toEqual({
      fleet: { services: 3, failing: 2 },
      'project crm': { services: 2, failing: 1 },
      'project erp': { services: 1, failing: 1 },
      'tag host=h1': { services: 1, failing: 1 },
      'tag team=payments': { services: 1, failing: 1 },
    });
    expect(Object.keys(census).slice(0, 3)).toEqual(['fleet', 'project crm', 'project erp']);
  });

  it('holds no more than sixty groups, of equal ones those that come first by name', () => {
    const tags = Object.fromEntries(Array.from({ length: 99 }, (_, n) => [`t${String(n).padStart(2, '0')}`, 'x']));
    const groups = Object.keys(takeCensus([{ service: makeService({ tags }), isFailing: true }]));
    expect(groups).toHaveLength(60);
    expect(groups.at(-1)).toBe('tag t58=x');
  });

  it('of many shards is their sum', () => {
    expect(addCensus([of(1), { ...of(2), 'project erp': { services: 3, failing: 0 } }, {}])).toEqual({
      fleet: { services: 20, failing: 3 },
      'project erp': { services: 3, failing: 0 },
    });
  });

  it('of many shards and of what was just looked at is their sum', () => {
    expect(addCensus([of(1)], [{ service, isFailing: true }])).toMatchObject({
      fleet: { services: 11, failing: 2 },
      'project erp': { services: 1, failing: 1 },
    });
  });

  it('has a short mark', () => {
    expect(censusMark([{ service, isFailing: true }])).toMatch(/^[0-9a-z]{1,10}$/);
    expect(censusMark([])).toBe('0');
  });

  it('has a mark of its own, whatever the order in which services come', () => {
    const tags = fc.dictionary(fc.constantFrom('team', 'host'), fc.constantFrom('a', 'b'), { maxKeys: 2 });
    const project = fc.option(fc.constantFrom('erp', 'crm'), { nil: undefined });
    const one = fc.record({ service: fc.record({ project, tags }), isFailing: fc.boolean() });
    const fleet = fc.array(one, { maxLength: 6 });
    const together = fc.tuple(fleet, fc.oneof(fleet, fc.constant(undefined)));
    fc.assert(
      fc.property(together, fc.nat(), ([some, other], cut) => {
        const turned = [...some.slice(cut % 6), ...some.slice(0, cut % 6)].map((each) => ({ ...each }));
        const others = other ?? turned;
        const isSame = isDeepStrictEqual(takeCensus(some), takeCensus(others));
        expect(censusMark(some) === censusMark(others)).toBe(isSame);
      }),
    );
  });
});
