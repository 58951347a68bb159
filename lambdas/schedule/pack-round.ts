// The tick becomes work for the probe function: one message per pack and beat.
import type { PackMessage } from '../contract/messages.ts';
import { metricNames } from '../contract/metrics.ts';
import { planRound } from '../core/packs.ts';
import type { Clock, FleetStore, Metrics, ProbeQueue } from '../ports.ts';

export type SchedulePorts = Readonly<{ fleet: FleetStore; queue: ProbeQueue; clock: Clock; metrics: Metrics }>;

/**
 * Packs the round of the minute that holds `scheduledAt` (epoch ms). A tick that comes twice makes packs that change
 * nothing the second time; one that comes late looks once for the beats that have passed, not once for each. The whole
 * minute's own beat is always sent: services with intervals of a minute or more are due at no other.
 */
export async function packRound(
  scheduledAt: number,
  correlationId: string,
  ports: SchedulePorts,
  signal: AbortSignal,
): Promise<void> {
  const planned = planRound(await ports.fleet.counts(signal), scheduledAt, correlationId);
  const now = ports.clock.now();
  const packs = planned
    .filter(({ message }) => message.beat + message.stepSeconds * 1000 > now || isOwed(message))
    .map(({ message }) => ({ message, delaySeconds: Math.max(0, Math.round((message.beat - now) / 1000)) }));
  if (packs.length > 0) await ports.queue.sendPacks(packs, signal);
  ports.metrics.count(metricNames.rounds);
}

/** The first and the last beat of a minute are sent however late the tick is, so that a late round is a round. */
const isOwed = ({ beat, stepSeconds }: PackMessage) => [0, 60 - stepSeconds].includes((beat / 1000) % 60);
