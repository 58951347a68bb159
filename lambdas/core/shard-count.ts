// What is known of a shard before anybody reads it: what each prober has to do there, and which of them keeps its counts.
import type { ShardCount } from '../contract/messages.ts';
import type { Network } from '../contract/networks.ts';

type Counts = Pick<ShardCount, 'services' | 'privateServices'>;

/** How many services of a shard the prober of this network looks at. */
export const servicesOf = ({ services, privateServices }: Counts, network: Network): number =>
  network === 'private' ? privateServices : services - privateServices;

/**
 * The one prober that corrects the counts of a shard and reports what cannot be read there: the public one, or the
 * private one where it alone is sent. Each of the two finds the same by what the message says.
 */
export const keeperOf = (count: Counts): Network => (servicesOf(count, 'public') > 0 ? 'public' : 'private');

/** Where the prober of a service stands: in its network, or outside where the deployment has no other any more. */
export const lookedAtFrom = (network: Network, there: readonly Network[]): Network =>
  there.includes(network) ? network : 'public';

/** As it stands in a deployment with one prober, which answers for every service wherever that is to be reached from. */
export const ofOneProber = (count: ShardCount): ShardCount => ({ ...count, privateServices: 0 });

/** The counts of a shard that is to hold at least one service of this interval and network beside those that are known. */
export function expecting(
  known: ShardCount | undefined,
  shard: number,
  intervalSeconds: number,
  network: Network,
): Omit<ShardCount, 'version'> {
  const atLeast = (wanted: Network) => Math.max(known ? servicesOf(known, wanted) : 0, network === wanted ? 1 : 0);
  const privateServices = atLeast('private');
  return {
    shard,
    services: atLeast('public') + privateServices,
    privateServices,
    unhealthy: known?.unhealthy ?? 0,
    // An empty shard has forgotten how fast it was.
    fastestSeconds: known && known.services > 0 ? Math.min(known.fastestSeconds, intervalSeconds) : intervalSeconds,
  };
}
