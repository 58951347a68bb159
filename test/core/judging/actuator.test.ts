// Actuator answers as Spring Boot writes them, and what they come to.
import { describe, expect, it } from 'vitest';

import { isActuatorStatus, judgeActuator } from '../../../lambdas/core/judging/actuator.ts';

const part = (status: string, components?: object) => ({ status, ...(components && { components }) });
const answer = (status: string, components: object = {}, more: object = {}) => ({ status, components, ...more });
const db = part('DOWN', { primary: part('DOWN'), replica: part('UP') });

describe('an Actuator answer', () => {
  it.each([
    ['UP', answer('UP', { db: part('UP') }), 'up', undefined, undefined],
    ['in small letters', answer('up'), 'up', undefined, undefined],
    ['DOWN', answer('DOWN'), 'down', 'component_down', 'Actuator says DOWN'],
    [
      'DOWN, with a composite',
      answer('DOWN', { db, disk: part('UP') }),
      ...(['down', 'component_down', 'Actuator says DOWN: db DOWN, db.primary DOWN'] as const),
    ],
    [
      'of before 2.2, with details',
      { status: 'DOWN', details: { db: { status: 'DOWN', details: { hello: 'secret' } } } },
      ...(['down', 'component_down', 'Actuator says DOWN: db DOWN'] as const),
    ],
    [
      'OUT_OF_SERVICE: taken out on purpose',
      answer('OUT_OF_SERVICE', { readinessState: part('OUT_OF_SERVICE') }),
      ...(['slow', 'not_ready', 'Actuator says OUT_OF_SERVICE: readinessState OUT_OF_SERVICE'] as const),
    ],
    ['UNKNOWN', answer('UNKNOWN'), 'slow', 'not_ready', 'Actuator says UNKNOWN'],
    ['with a status of its own', answer('WARMING'), 'slow', 'not_ready', 'Actuator says WARMING'],
  ])('%s', (_, document, verdict, cause, message) => {
    expect(judgeActuator(document, {})).toEqual(verdict === 'up' ? { verdict } : { verdict, cause, message });
  });

  it.each([
    ['an essential one is down', ['db'], answer('DOWN', { db: part('DOWN') }), 'down', 'component_down'],
    ['an essential one inside a composite is down', ['db.primary'], answer('DOWN', { db }), 'down', 'component_down'],
    [
      'an essential composite counts with its parts',
      ['db'],
      answer('UP', { db: { ...db, status: 'UP' } }),
      'down',
      'component_down',
    ],
    ['only another one inside is down', ['db.replica'], answer('DOWN', { db }), 'slow', 'component_down'],
    [
      'only one that is not essential is down',
      ['db'],
      answer('DOWN', { db: part('UP'), mail: part('DOWN') }),
      'slow',
      'component_down',
    ],
    [
      'an essential one was taken out',
      ['db'],
      answer('OUT_OF_SERVICE', { db: part('OUT_OF_SERVICE') }),
      'slow',
      'not_ready',
    ],
    ['all is well', ['db'], answer('UP', { db: part('UP') }), 'up', undefined],
    ['an essential one is not named', ['cache'], answer('UP', { db: part('UP') }), 'down', 'component_down'],
    [
      'one of a similar name is down',
      ['db'],
      answer('DOWN', { db: part('UP'), dbArchive: part('DOWN') }),
      'slow',
      'component_down',
    ],
  ] as const)('with a list of components: %s', (_, components, document, verdict, cause) => {
    expect(judgeActuator(document, { components: [...components] })).toMatchObject({
      verdict,
      ...(cause && { cause }),
    });
  });

  it.each([
    ['is named only, which says nothing bad', answer('UP', {}, { groups: ['liveness'] }), 'up'],
    ['has a status', answer('DOWN', {}, { groups: { liveness: part('DOWN') } }), 'down'],
    ['shows as a state among the components', answer('OUT_OF_SERVICE', { livenessState: part('DOWN') }), 'down'],
    ['is not there', answer('UP', {}, { groups: ['readiness', 7] }), 'down'],
  ])('with a group that %s', (_, document, verdict) => {
    expect(judgeActuator(document, { groups: ['liveness'] })?.verdict).toBe(verdict);
  });

  it.each([undefined, null, 'UP', 7, [], {}, { status: 7 }, { components: {} }])('is not %j', (document) => {
    expect(judgeActuator(document, {})).toBeUndefined();
  });

  it('names six of those that are not well, cut short, and never a detail', () => {
    const many = Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`${'x'.repeat(80)}${i}`, part('DOWN')]));
    const judged = judgeActuator(answer('DOWN', { ...many, ok: { status: 'UP', details: { url: 'secret' } } }), {});
    const message = judged && 'message' in judged ? judged.message : '';
    expect(message.match(/x{60} DOWN/g)).toHaveLength(6);
    expect(message).toMatch(/ and 3 more$/);
    expect(message).not.toContain('secret');
  });

  it('is read to a depth and a width, whatever a service sends', () => {
    let deep: object = part('DOWN');
    for (let i = 0; i < 5_000; i += 1) deep = part('UP', { a: deep });
    expect(judgeActuator(answer('UP', { a: deep, junk: 7, list: [1], none: null }), {})).toEqual({ verdict: 'up' });
    const wide = Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`c${i}`, part('UP')]));
    expect(judgeActuator(answer('UP', { ...wide }), { components: ['c400'] })?.verdict).toBe('down');
  });

  it('comes with a good status or with 503', () => {
    expect([200, 299, 503, 300, 404, 500].filter(isActuatorStatus)).toEqual([200, 299, 503]);
  });
});
