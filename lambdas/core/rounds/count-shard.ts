// What a shard holds, as its prober found it, to be compared with the counts that `schedule` packs by.
import type { CountedShard, ShardCount } from '../../contract/messages.ts';
import type { Network } from '../../contract/networks.ts';
import { censusMark, isFailing, takeCensus } from '../health/census.ts';
import type { Service } from '../model/service.ts';
import type { State } from '../model/state.ts';
import { asLookedAt } from './shard-count.ts';

export type Found = Readonly<{
  services: readonly Readonly<{ service: Service; state: State }>[];
  /** Items that could not be decoded. */
  faults: number;
}>;

/** A count with the mark of the census; the census itself is added only when counts are written. */
type Count = Omit<ShardCount, 'version'>;

/** Counts a shard, where there are probers in these networks. */
export function countShard(known: ShardCount, found: Found, there: readonly Network[], now: number): Count {
  const by: Record<Network, number> = { public: 0, private: 0, ecs: 0 };
  let unhealthy = 0;
  let fastestSeconds = found.faults > 0 ? known.fastestSeconds : 3_600;
  for (const { service, state } of found.services) {
    by[service.network] += 1;
    if (state.health === 'unhealthy') unhealthy += 1;
    fastestSeconds = Math.min(fastestSeconds, service.probe.intervalSeconds);
  }
  const looked = { services: found.services.length, privateServices: by.private, ecsServices: by.ecs };
  const { privateServices, ecsServices = 0 } = asLookedAt(looked, there);
  return {
    shard: known.shard,
    census: censusMark(countedIn(found, now)),
    // Items that cannot be decoded count too: a shard that seemed empty would never be read again, not even once they
    // can be decoded.
    services: found.services.length + found.faults,
    privateServices,
    ...(ecsServices > 0 && { ecsServices }),
    ...{ unhealthy, fastestSeconds },
  };
}

/** The same with the census itself, which is needed only where the counts have to be written. */
export const withCensus = (count: Count, found: Found, now: number): Omit<CountedShard, 'version'> => ({
  ...count,
  groups: takeCensus(countedIn(found, now)),
});

const countedIn = ({ services }: Found, now: number) =>
  services.map(({ service, state }) => ({ service, isFailing: isFailing(state, now) }));

const COUNTED = ['services', 'privateServices', 'ecsServices', 'unhealthy', 'census', 'fastestSeconds'] as const;

/** Whether two counts say the same, so that nothing has to be written. */
export const isSameCount = (known: Count, found: Count): boolean =>
  COUNTED.every((field) => (found[field] ?? 0) === (known[field] ?? 0));
