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
  /** Of the prober inside the VPC; undefined where there is none, and the other one answers for everything. */
  privateQueue?: ProbeQueue | undefined;
  /** Of the prober beside ECS, likewise. */
  ecsQueue?: ProbeQueue | undefined;
  clock: Clock;
  metrics: Metrics;
}>;

/**
 * Packs the round of the minute that holds `scheduledAt` (epoch ms). A tick that comes twice makes packs that change
 * nothing the second time; one that comes late looks once for the beats that have passed, not once for each. The whole
 * minute's own beat is always sent: services with intervals of a minute or more are due at no other. A shard with services
 * for several probers goes to each; that one queue refuses its packs keeps none from the other.
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
