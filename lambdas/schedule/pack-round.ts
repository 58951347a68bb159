// The tick becomes work for the probe function: one message per pack and beat.
import { metricNames } from '../contract/metrics.ts';
import { planRound } from '../core/packs.ts';
import type { Clock, FleetStore, Metrics, ProbeQueue } from '../ports.ts';

export type SchedulePorts = Readonly<{ fleet: FleetStore; queue: ProbeQueue; clock: Clock; metrics: Metrics }>;

/**
 * Packs the round of the minute that holds `scheduledAt` (epoch ms). A tick that comes twice makes packs that change
 * nothing the second time; one that comes late sends the beats that have passed at once.
 */
export async function packRound(
  scheduledAt: number,
  correlationId: string,
  ports: SchedulePorts,
  signal: AbortSignal,
): Promise<void> {
  const counts = await ports.fleet.counts(signal);
  const planned = planRound(counts, scheduledAt, correlationId);
  const now = ports.clock.now();
  const packs = planned.map(({ message }) => ({
    message,
    delaySeconds: Math.max(0, Math.round((message.beat - now) / 1000)),
  }));
  if (packs.length > 0) await ports.queue.sendPacks(packs, signal);
  ports.metrics.count(metricNames.rounds);
}
