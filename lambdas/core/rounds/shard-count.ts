// What is known about a shard before it is read: how much each prober has to do there, and which of them keeps its
// counts.
import type { CountedShard, ShardCount } from '../../contract/messages.ts';
import type { Network } from '../../contract/networks.ts';

type Counts = Pick<ShardCount, 'services' | 'privateServices' | 'ecsServices'>;

/** How many services of a shard the prober of this network probes. */
export function servicesOf({ services, privateServices, ecsServices = 0 }: Counts, network: Network): number {
  return { public: services - privateServices - ecsServices, private: privateServices, ecs: ecsServices }[network];
}

/**
 * The one prober that corrects the counts of a shard and reports what cannot be read there: the public one if it is
 * sent there, else the private one, else the one for ECS. All of them come to the same answer, from the message alone.
 */
export function keeperOf(count: Counts): Network {
  if (servicesOf(count, 'public') > 0) return 'public';
  return servicesOf(count, 'private') > 0 || servicesOf(count, 'ecs') === 0 ? 'private' : 'ecs';
}

/** The network a service is probed from: its own, or the public one if the deployment no longer has a prober there. */
export const lookedAtFrom = (network: Network, there: readonly Network[]): Network =>
  there.includes(network) ? network : 'public';

/** The counts for the probers that there are: the public one takes over the services of the others. */
export const asLookedAt = <C extends Counts>(count: C, there: readonly Network[]): C => ({
  ...count,
  privateServices: there.includes('private') ? count.privateServices : 0,
  ecsServices: there.includes('ecs') ? count.ecsServices : undefined,
});

/** The counts of a shard, raised so that they show at least one service of this interval and network. */
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
    // The interval that an empty shard still names counts no more.
    fastestSeconds: known && known.services > 0 ? Math.min(known.fastestSeconds, intervalSeconds) : intervalSeconds,
  };
}

/** The counts of a shard as a message carries them. */
export const asSent = (counted: CountedShard): ShardCount => {
  const { groups: _, ...count } = counted;
  return count;
};
