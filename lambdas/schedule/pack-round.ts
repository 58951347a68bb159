// The tick becomes work for the probe function: one message per pack and beat.
import type { PackMessage } from '../contract/messages.ts';
import { metricNames } from '../contract/metrics.ts';
import type { Network } from '../contract/networks.ts';
import { type PlannedPack, planRound } from '../core/rounds/packs.ts';
import { asLookedAt } from '../core/rounds/shard-count.ts';
import type { FleetStore } from '../ports/fleet-store.ts';
import type { Clock, Metrics } from '../ports/process.ts';
import type { ProbeQueue } from '../ports/queues.ts';

export type SchedulePorts = Readonly<{
  fleet: FleetStore;
  queue: ProbeQueue;
  /** The queue of the prober inside the VPC; undefined if there is none, and the public one probes everything. */
  privateQueue?: ProbeQueue | undefined;
  /** The queue of the prober for ECS, likewise. */
  ecsQueue?: ProbeQueue | undefined;
  clock: Clock;
  metrics: Metrics;
}>;

/**
 * Packs the round of the minute that holds `scheduledAt` (epoch ms). A tick that comes twice makes packs that change
 * nothing the second time; a late tick sends one beat for all those that have passed, not one for each. The beat of the
 * whole minute is always sent: services with intervals of a minute or more are due at no other. A shard with services
 * for several probers goes to each of them; if one queue refuses its packs, the others still get theirs.
 */
export async function packRound(
  scheduledAt: number,
  correlationId: string,
  ports: SchedulePorts,
  signal: AbortSignal,
): Promise<void> {
  const { queue, privateQueue, ecsQueue } = ports;
  const { counts: stored, storms } = await ports.fleet.overview(signal);
  const there: Network[] = [
    'public',
    ...(privateQueue ? ['private' as const] : []),
    ...(ecsQueue ? ['ecs' as const] : []),
  ];
  const counts = stored.map((count) => asLookedAt(count, there));
  const now = ports.clock.now();
  const plan = (network: Network) => planRound(counts, scheduledAt, correlationId, network, storms.storms.length > 0);
  const sent = await Promise.allSettled([
    send(queue, plan('public'), now, signal),
    privateQueue && send(privateQueue, plan('private'), now, signal),
    ecsQueue && send(ecsQueue, plan('ecs'), now, signal),
  ]);
  for (const one of sent) if (one.status === 'rejected') throw one.reason;
  ports.metrics.count(metricNames.rounds);
}

async function send(
  queue: ProbeQueue,
  planned: readonly PlannedPack[],
  now: number,
  signal: AbortSignal,
): Promise<void> {
  const packs = planned
    .filter(({ message }) => message.beat + message.stepSeconds * 1000 > now || isOwed(message))
    .map(({ message }) => ({ message, delaySeconds: Math.max(0, Math.round((message.beat - now) / 1000)) }));
  if (packs.length > 0) await queue.sendPacks(packs, signal);
}

/** The first and the last beat of a minute are sent however late the tick is, so that a late round is a round. */
const isOwed = ({ beat, stepSeconds }: PackMessage) => [0, 60 - stepSeconds].includes((beat / 1000) % 60);
