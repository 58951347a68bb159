// What a prober finds in a shard, and whether that is what was believed.
import { describe, expect, it } from 'vitest';

import type { ShardCount } from '../../../lambdas/contract/messages.ts';
import { takeCensus } from '../../../lambdas/core/health/census.ts';
import type { State } from '../../../lambdas/core/model/state.ts';
import { countShard, isSameCount, withCensus } from '../../../lambdas/core/rounds/count-shard.ts';
import { type Document, makeService } from '../../make/service.ts';
import { makeState, T0 } from '../../make/state.ts';

const known: ShardCount = {
  ...{ shard: 7, services: 9, privateServices: 9, unhealthy: 9, fastestSeconds: 10, census: 'old', version: 3 },
};
const one = (state: Partial<State> = {}, more: Partial<Document> = {}) => ({
  service: makeService(more),
  state: makeState(state),
});
const every = { kind: 'tcp', host: 'db.example.com', port: 5432 } as const;
const fast = one({}, { probe: { ...every, intervalSeconds: 20 } });
const inside = one({}, { probe: { ...every, network: 'private' } });
const ill = one({ health: 'unhealthy' });
const found = (...services: ReturnType<typeof one>[]) => ({ services, faults: 0 });

describe('the counts of a shard', () => {
  it('are how many services there are, how many are unhealthy, and how fast the fastest is', () => {
    const count = countShard(known, found(one(), fast, ill), ['public'], T0);
    expect(count).toMatchObject({ shard: 7, services: 3, privateServices: 0, unhealthy: 1, fastestSeconds: 20 });
    expect(count).not.toHaveProperty('ecsServices');
  });

  it('tell who is looked at from inside the VPC, where there is a prober', () => {
    expect(countShard(known, found(one(), inside), ['public', 'private'], T0)).toMatchObject({ privateServices: 1 });
    expect(countShard(known, found(one(), inside), ['public'], T0)).toMatchObject({ privateServices: 0 });
  });

  it('hold what cannot be decoded, and look for it as fast as it was before', () => {
    const count = countShard(known, { services: [one()], faults: 2 }, ['public'], T0);
    expect(count).toMatchObject({ services: 3, fastestSeconds: 10 });
  });

  it('of an empty shard are slow', () => {
    expect(countShard(known, found(), ['public'], T0)).toMatchObject({ services: 0, fastestSeconds: 3_600 });
  });

  it('bear the census where they are to be written, of which they have the mark', () => {
    const seen = found(one(), ill);
    const count = countShard(known, seen, ['public'], T0);
    const groups = takeCensus([one(), ill].map(({ service }, n) => ({ service, isFailing: n === 1 })));
    expect(withCensus(count, seen, T0)).toEqual({ ...count, groups });
  });

  it.each([
    ['services', { services: 4 }, false],
    ['who is unhealthy', { unhealthy: 2 }, false],
    ['who fails', { census: 'another' }, false],
    ['the fastest', { fastestSeconds: 21 }, false],
    ['none beside ECS, said', { ecsServices: 0 }, true],
    ['one beside ECS', { ecsServices: 1 }, false],
  ])('are compared by %s', (_, more, expected) => {
    const count = countShard(known, found(one(), fast, ill), ['public'], T0);
    expect(isSameCount({ ...count, ...more }, count)).toBe(expected);
  });
});
