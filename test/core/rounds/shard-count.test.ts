// What is known of a shard before it is read: whose services it holds, and who keeps its counts.
import { describe, expect, it } from 'vitest';

import { networks } from '../../../lambdas/contract/networks.ts';
import { asLookedAt, expecting, keeperOf, lookedAtFrom, servicesOf } from '../../../lambdas/core/rounds/shard-count.ts';

const count = (services: number, privateServices: number) => ({
  ...{ shard: 3, services, privateServices, unhealthy: 2, fastestSeconds: 30, version: 9 },
});

describe('a shard', () => {
  it.each([
    [5, 0, 5, 0, 'public'],
    [5, 2, 3, 2, 'public'],
    [5, 5, 0, 5, 'private'],
  ] as const)('of %i services, %i of them private, is work for both, and kept by one', (all, inside, ...expected) => {
    const known = count(all, inside);
    expect([servicesOf(known, 'public'), servicesOf(known, 'private'), keeperOf(known)]).toEqual(expected);
  });

  it('is all work for one prober where there is one', () => {
    expect(asLookedAt(count(5, 2), ['public'])).toEqual(count(5, 0));
  });

  it.each([
    [['public'], 9, 0, 0],
    [['public', 'private'], 6, 3, 0],
    [['public', 'ecs'], 7, 0, 2],
    [['public', 'private', 'ecs'], 4, 3, 2],
  ] as const)('with services of all three, where there are %j, is work for each of them', (there, ...expected) => {
    const known = asLookedAt({ ...count(9, 3), ecsServices: 2 }, there);
    expect(networks.map((network) => servicesOf(known, network))).toEqual(expected);
  });

  it.each([
    [9, 3, 2, 'public'],
    [5, 3, 2, 'private'],
    [2, 0, 2, 'ecs'],
    [0, 0, 0, 'private'],
  ] as const)('of %i services, %i of them private and %i of ECS, is kept by %s', (all, inside, ofEcs, keeper) => {
    expect(keeperOf({ services: all, privateServices: inside, ecsServices: ofEcs })).toBe(keeper);
  });

  it.each([
    [undefined, 'public', { services: 1, privateServices: 0, unhealthy: 0, fastestSeconds: 60 }],
    [undefined, 'private', { services: 1, privateServices: 1, unhealthy: 0, fastestSeconds: 60 }],
    [count(0, 0), 'private', { services: 1, privateServices: 1, unhealthy: 2, fastestSeconds: 60 }],
    [count(4, 0), 'private', { services: 5, privateServices: 1, unhealthy: 2, fastestSeconds: 30 }],
    [count(4, 4), 'public', { services: 5, privateServices: 4, unhealthy: 2, fastestSeconds: 30 }],
    [undefined, 'ecs', { services: 1, privateServices: 0, ecsServices: 1, unhealthy: 0, fastestSeconds: 60 }],
    [
      { ...count(4, 0), ecsServices: 4 },
      'public',
      { services: 5, privateServices: 0, ecsServices: 4, unhealthy: 2, fastestSeconds: 30 },
    ],
    [count(4, 2), 'private', { services: 4, privateServices: 2, unhealthy: 2, fastestSeconds: 30 }],
  ] as const)('(%#) is to hold a service of the network that was announced', (known, network, expected) => {
    expect(expecting(known, 3, 60, network)).toEqual({ shard: 3, ...expected });
  });
});

it('a shard keeps what was counted in it of groups', () => {
  const groups = { fleet: { services: 4, failing: 1 } };
  const known = { ...count(4, 0), census: 'c7', groups };
  expect(expecting(known, 3, 60, 'public')).toMatchObject({ services: 4, census: 'c7', groups });
});

describe('a service', () => {
  it.each([
    ['public', ['public'], 'public'],
    ['public', ['public', 'private'], 'public'],
    ['private', ['public', 'private'], 'private'],
    ['private', ['public'], 'public'],
    ['ecs', ['public'], 'public'],
    ['ecs', ['public', 'ecs'], 'ecs'],
  ] as const)('that is %s is looked at, where there are %j, by the %s prober', (network, there, expected) => {
    expect(lookedAtFrom(network, there)).toBe(expected);
  });
});
