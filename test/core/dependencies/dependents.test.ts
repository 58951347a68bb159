// The order in which dependents are restarted, and the circles that there may not be.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { circleFaults, dependencyFaults } from '../../../lambdas/core/dependencies/check-dependencies.ts';
import { cycleFrom, type Graph } from '../../../lambdas/core/dependencies/dependency-cycle.ts';
import { restartLevels } from '../../../lambdas/core/dependencies/dependents.ts';

const graphOf = (edges: Readonly<Record<string, readonly string[]>>): Graph => new Map(Object.entries(edges));
/** Each service depends on some of those before it, so that there is no circle. */
const acyclic: fc.Arbitrary<Graph> = fc
  .array(fc.array(fc.nat(), { maxLength: 3 }), { minLength: 1, maxLength: 12 })
  .map((rows) => {
    const needs = (row: readonly number[], index: number) =>
      index === 0 ? [] : [...new Set(row.map((drawn) => `s${drawn % index}`))];
    return new Map(rows.map((row, index) => [`s${index}`, needs(row, index)]));
  });

describe('the levels of a cascade', () => {
  it.each([
    ['nothing, when nothing depends on it', {}, []],
    ['a chain of three, one after the other', { shop: ['db'], mobile: ['shop'] }, [['shop'], ['mobile']]],
    [
      'a diamond: its two sides together, what stands on both after them',
      { left: ['db'], right: ['db'], top: ['left', 'right'] },
      [['left', 'right'], ['top']],
    ],
    [
      'one that depends on it directly and through another, after the other',
      { shop: ['db'], report: ['db', 'shop'] },
      [['shop'], ['report']],
    ],
    ['what depends on others too, which are not waited for', { shop: ['db', 'mail'] }, [['shop']]],
    ['the root left out, though it is among them', { db: [], shop: ['db'] }, [['shop']]],
    ['a circle left out, and all that stands on it', { shop: ['db'], a: ['b'], b: ['a'], c: ['a'] }, [['shop']]],
  ])('are %s', (_, edges, expected) => {
    expect(restartLevels('db', graphOf(edges))).toEqual(expected);
  });

  it('hold every service once, and none before what it depends on', () => {
    fc.assert(
      fc.property(acyclic, (graph) => {
        const levels = restartLevels('s0', graph);
        const place = new Map(levels.flatMap((level, index) => level.map((id) => [id, index] as const)));
        expect(levels.flat()).toHaveLength(place.size);
        expect([...place.keys()].sort()).toEqual([...graph.keys()].filter((id) => id !== 's0').sort());
        for (const [id, needs] of graph)
          for (const needed of needs)
            if (needed !== 's0' && id !== 's0') expect(place.get(needed)).toBeLessThan(place.get(id)!);
      }),
    );
  });
});

describe('a circle', () => {
  it.each([
    ['of one', { a: ['a'] }, ['a', 'a']],
    ['of two', { a: ['b'], b: ['a'] }, ['a', 'b', 'a']],
    [
      'of three, behind a service that leads nowhere',
      { a: ['x', 'b'], x: [], b: ['c'], c: ['a'] },
      ['a', 'b', 'c', 'a'],
    ],
    ['that does not go through the service is not its own', { a: ['b'], b: ['c'], c: ['b'] }, undefined],
    ['is none where two ways lead to the same', { a: ['b', 'c'], b: ['d'], c: ['d'], d: [] }, undefined],
    ['is none where what is named is not there', { a: ['b'] }, undefined],
  ])('%s is found', (_, edges, expected) => {
    expect(cycleFrom('a', graphOf(edges))).toEqual(expected);
  });

  it('is closed by whoever makes the bottom of a chain depend on its top, and is named in full', () => {
    fc.assert(
      fc.property(acyclic, (graph) => {
        for (const id of graph.keys()) expect(cycleFrom(id, graph)).toBeUndefined();
        const last = [...graph.keys()].at(-1)!;
        const isAbove = cycleFrom('s0', new Map([...graph, ['s0', [last]]]));
        if (!isAbove) return; // the last one does not stand on the first
        expect([isAbove[0], isAbove.at(-1)]).toEqual(['s0', 's0']);
        isAbove.slice(1, -1).forEach((id, index) => expect(graph.get(id)).toContain(isAbove[index + 2]));
      }),
    );
  });
});

describe('a registration', () => {
  const on = (...services: string[]) => ({
    id: 'shop',
    dependsOn: services.map((service) => ({ service, essential: true })),
  });
  it.each([
    [on('db', 'mail'), []],
    [on('db', 'shop'), ['dependsOn[1].service is the service itself; remove it']],
    [on('db', 'mail', 'db'), ['dependsOn[2].service is db, like dependsOn[0]; name it once']],
  ])('may not depend on itself, nor on anything twice: %j', (document, expected) => {
    expect(dependencyFaults(document).map(({ path, message }) => `${path} ${message}`)).toEqual(expected);
  });

  it('is told which dependency closes the circle, and the circle', () => {
    expect(circleFaults(on('mail', 'db'), ['shop', 'db', 'ledger', 'shop'])).toEqual([
      {
        path: 'dependsOn[1].service',
        message:
          'closes a circle: shop -> db -> ledger -> shop; each would wait for the other, and none would be restarted',
      },
    ]);
  });
});
