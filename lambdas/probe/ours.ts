// Which services this prober looks at, and what happens to a look that was sent to the wrong prober.
import type { CheckMessage, ShardCount } from '../contract/messages.ts';
import type { Network } from '../contract/networks.ts';
import type { Observation } from '../core/model/observation.ts';
import type { Service } from '../core/model/service.ts';
import { keeperOf } from '../core/rounds/shard-count.ts';
import type { Prober } from '../ports/prober.ts';
import type { Log } from '../ports/process.ts';
import type { ProbeQueue } from '../ports/queues.ts';
import type { Stored } from '../ports/service-store.ts';
import { look } from './look.ts';

export type Place = Readonly<{
  /** Where this prober stands. */
  network: Network;
  /** The queue of the other prober; undefined if this is the only one, and so looks at everything. */
  elsewhere: ProbeQueue | undefined;
  /** The queue of the prober for ECS, if there is one and it is not this one. */
  ecsQueue?: ProbeQueue | undefined;
  /** Whether this prober may ask ECS for the state of services. */
  seesEcs?: boolean | undefined;
}>;

/** The networks with a prober, as far as this one has to know. The prober for ECS is outside any VPC. */
export const probersBeside = ({ network, elsewhere, ecsQueue }: Place): readonly Network[] => [
  'public',
  ...(elsewhere || network === 'private' ? (['private'] as const) : []),
  ...(ecsQueue || network === 'ecs' ? (['ecs'] as const) : []),
];

/**
 * Whether it is this prober's service. Another prober would find that a private name does not exist, and call it down.
 */
export function isOurs({ network }: Service, place: Place): boolean {
  if (place.network === 'ecs' || (network === 'ecs' && place.ecsQueue)) return network === place.network;
  return place.elsewhere === undefined || (network === 'ecs' ? 'public' : network) === place.network;
}

/** Whether this prober keeps the counts of a shard; rows, in contrast, are written by every prober. */
export const keepsCounts = (known: ShardCount, { elsewhere, ecsQueue, network }: Place): boolean =>
  (!elsewhere && !ecsQueue) || keeperOf(known) === network;

/**
 * Looks from here. A service that cannot be seen from here, because its VPC was removed, is `unknown`, so not
 * restarted.
 */
export function lookFrom(
  place: Place & Readonly<{ prober: Prober }>,
  stored: Stored,
  correlationId: string,
  signal: AbortSignal,
): Promise<Observation> {
  const { network } = stored.service;
  if (network === place.network || (network === 'ecs' && place.seesEcs))
    return look(stored, place.prober, correlationId, signal);
  const message = `it is to be looked at from the ${network} network, where this deployment has no prober`;
  return Promise.resolve({ verdict: 'unknown', cause: 'own_trouble', message });
}

/**
 * Hands a look to the other prober, once. If it comes back, a registration has moved the service meanwhile and asked
 * for a look of its own; a verification that is still owed is handed out again by the rounds.
 */
export async function passOn(
  { network }: Service,
  check: CheckMessage,
  place: Place & { log: Log },
  signal: AbortSignal,
): Promise<void> {
  const { tenant, id, correlationId } = check;
  if (check.isForwarded)
    place.log.warn('a look went to both probers and was of neither', { tenant, id, correlationId });
  else {
    const queue = network === 'ecs' ? (place.ecsQueue ?? place.elsewhere) : place.elsewhere;
    await queue?.sendCheck({ ...check, isForwarded: true }, signal);
  }
}
