// How a round becomes messages.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { Network } from '../../../lambdas/contract/networks.ts';
import { beatsOfMinute, stepFor } from '../../../lambdas/core/rounds/due.ts';
import { planRound, SERVICES_PER_PACK } from '../../../lambdas/core/rounds/packs.ts';
import { T0 } from '../../make/state.ts';

const count = (shard: number, services: number, fastestSeconds = 60, privateServices = 0) => ({
  shard,
  services,
  privateServices,
  unhealthy: 0,
  fastestSeconds,
  version: 1,
});
const fleets = fc
  .array(fc.tuple(fc.nat(600), fc.constantFrom(5, 10, 30, 60, 300)), { maxLength: 16 })
  .map((shards) => shards.map(([services, fastestSeconds], shard) => count(shard, services, fastestSeconds)));

describe('a round', () => {
  it('puts every filled shard into exactly one pack of each of its beats, and no empty one', () => {
    fc.assert(
      fc.property(fleets, fc.nat(59_999), (counts, late) => {
        const planned = planRound(counts, T0 + late, 'round-1');
        const found = planned
          .flatMap(({ message }) => message.shards.map(({ shard }) => `${shard}@${message.beat - T0}`))
          .sort();
        const wanted = counts
          .filter(({ services }) => services > 0)
          .flatMap(({ shard, fastestSeconds }) =>
            beatsOfMinute(stepFor(fastestSeconds)).map((second) => `${shard}@${second * 1000}`),
          )
          .sort();
        expect(found).toEqual(wanted);
      }),
    );
  });

  it('keeps packs within their size unless one shard alone is larger', () => {
    fc.assert(
      fc.property(fleets, (counts) => {
        for (const { message } of planRound(counts, T0, 'round-1')) {
          const services = message.shards.reduce((sum, shard) => sum + shard.services, 0);
          expect(services <= SERVICES_PER_PACK || message.shards.length === 1).toBe(true);
        }
      }),
    );
  });

  it('delays the beats inside the minute, whenever in the minute it is planned', () => {
    const counts = [count(0, 100), count(1, 150), count(2, 1), count(3, 0), count(4, 7, 30)];
    const common = { kind: 'pack', correlationId: 'round-1' };
    expect(planRound(counts, T0 + 1_234, 'round-1')).toEqual([
      { delaySeconds: 0, message: { ...common, beat: T0, stepSeconds: 60, shards: [counts[0], counts[1]] } },
      { delaySeconds: 0, message: { ...common, beat: T0, stepSeconds: 60, shards: [counts[2]] } },
      { delaySeconds: 0, message: { ...common, beat: T0, stepSeconds: 30, shards: [counts[4]] } },
      { delaySeconds: 30, message: { ...common, beat: T0 + 30_000, stepSeconds: 30, shards: [counts[4]] } },
    ]);
  });

  it('goes to the prober of each network with the shards that hold something for it, and to no other', () => {
    const counts = [count(0, 3), count(1, 4, 60, 4), count(2, 5, 30, 2), count(3, 0)];
    const shardsFor = (network: Network) =>
      planRound(counts, T0, 'round-1', network).map(({ message }) => message.shards.map(({ shard }) => shard));
    expect(shardsFor('public')).toEqual([[0], [2], [2]]);
    expect(shardsFor('private')).toEqual([[1], [2], [2]]);
  });

  it('fills the packs of each prober by what that prober looks at', () => {
    const counts = [count(0, 400, 60, 200), count(1, 40, 60, 10), count(2, 60, 60, 55)];
    const packsFor = (network: Network) =>
      planRound(counts, T0, 'round-1', network).map(({ message }) => message.shards.map(({ shard }) => shard));
    expect(packsFor('public')).toEqual([[0, 1, 2]]);
    expect(packsFor('private')).toEqual([[0, 1], [2]]);
  });
});

describe('a round while there is a storm', () => {
  const count = (shard: number, fastestSeconds = 60) => ({
    ...{ shard, services: 200, privateServices: 0, unhealthy: 0, fastestSeconds, version: 1, census: 'mark' },
    groups: { fleet: { services: 200, failing: 0 } },
  });

  it('has one pack look whether it is over, the first of the minute', () => {
    const packs = planRound([count(0, 30), count(1, 30)], 0, 'c', 'public', true);
    expect(packs.map(({ message: { hasStorms } }) => hasStorms)).toEqual([true, undefined, undefined, undefined]);
    expect(planRound([count(0)], 0, 'c').map(({ message }) => message)).not.toHaveProperty('0.hasStorms');
  });

  it('sends no census, only its mark', () => {
    const [pack] = planRound([count(0)], 0, 'c');
    const { groups: _, ...sent } = count(0);
    expect(pack?.message.shards).toEqual([sent]);
    expect(pack?.message.shards[0]).not.toHaveProperty('groups');
  });
});
