// What is known of a shard before anybody reads it: what each prober has to do there, and which of them keeps its counts.
import type { CountedShard, ShardCount } from '../../contract/messages.ts';
import type { Network } from '../../contract/networks.ts';

type Counts = Pick<ShardCount, 'services' | 'privateServices' | 'ecsServices'>;

/** How many services of a shard the prober of this network looks at. */
export function servicesOf({ services, privateServices, ecsServices = 0 }: Counts, network: Network): number {
  return { public: services - privateServices - ecsServices, private: privateServices, ecs: ecsServices }[network];
}

/**
 * The one prober that corrects the counts of a shard and reports what cannot be read there: the public one, or the
 * private one, or that beside ECS, where they alone are sent. Each of them finds the same by what the message says.
 */
export function keeperOf(count: Counts): Network {
  if (servicesOf(count, 'public') > 0) return 'public';
  return servicesOf(count, 'private') > 0 || servicesOf(count, 'ecs') === 0 ? 'private' : 'ecs';
}

/** Where the prober of a service stands: in its network, or outside where the deployment has no other any more. */
export const lookedAtFrom = (network: Network, there: readonly Network[]): Network =>
  there.includes(network) ? network : 'public';

/** As it stands where these probers are: the public one answers for the services of those that there are not. */
export const asLookedAt = <C extends Counts>(count: C, there: readonly Network[]): C => ({
  ...count,
  privateServices: there.includes('private') ? count.privateServices : 0,
  ecsServices: there.includes('ecs') ? count.ecsServices : undefined,
});

/** The counts of a shard that is to hold at least one service of this interval and network beside those that are known. */
export function expecting(
  known: CountedShard | undefined,
  shard: number,
  intervalSeconds: number,
  network: Network,
): Omit<CountedShard, 'version'> {
  const atLeast = (wanted: Network) => Math.max(known ? servicesOf(known, wanted) : 0, network === wanted ? 1 : 0);
  const [privateServices, ecsServices] = [atLeast('private'), atLeast('ecs')];
  return {
    shard,
    services: atLeast('public') + privateServices + ecsServices,
    privateServices,
    ...(ecsServices > 0 && { ecsServices }),
    unhealthy: known?.unhealthy ?? 0,
    ...(known?.groups && { census: known.census, groups: known.groups }),
    // An empty shard has forgotten how fast it was.
    fastestSeconds: known && known.services > 0 ? Math.min(known.fastestSeconds, intervalSeconds) : intervalSeconds,
  };
}

/** What a message says of a shard. */
export const asSent = (counted: CountedShard): ShardCount => {
  const { groups: _, ...count } = counted;
  return count;
};
