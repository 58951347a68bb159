// Corrects a shard's counts when they differ from those that `schedule` packs by: registrations only announce a
// service.
import type { PackMessage } from '../contract/messages.ts';
import { countShard, isSameCount, withCensus } from '../core/rounds/count-shard.ts';
import type { FleetStore } from '../ports/fleet-store.ts';
import type { Clock } from '../ports/process.ts';
import type { ServiceStore } from '../ports/service-store.ts';
import { keepsCounts, type Place, probersBeside } from './ours.ts';
import { type ShardVisit, stateIn } from './shard-visit.ts';

export type CountPorts = Place &
  Readonly<{
    services: Pick<ServiceStore, 'readShard'>;
    fleet: Pick<FleetStore, 'count' | 'correctCount'>;
    clock: Clock;
  }>;

export async function correctCounts(
  shard: ShardVisit,
  pack: PackMessage,
  ports: CountPorts,
  signal: AbortSignal,
): Promise<void> {
  const { known, faults } = shard;
  if (!keepsCounts(known, ports)) return;
  const there = probersBeside(ports);
  const services = shard.services.map((stored) => ({ service: stored.service, state: stateIn(shard, stored) }));
  const found = countShard(known, { services, faults }, there, ports.clock.now());
  // An earlier beat of this minute may already have corrected the counts that all its messages carry.
  const minute = pack.beat - (pack.beat % 60_000);
  if (isSameCount(known, found) && shard.services.every(({ state }) => state.lastBeat < minute)) return;
  const standing = await ports.fleet.count(known.shard, signal);
  if (!standing || isSameCount(standing, found)) return;
  // The pack's own read may be older than a registration; only a newer read may correct a count.
  const fresh = await ports.services.readShard(known.shard, signal, 'strong');
  const now = ports.clock.now();
  const counted = countShard(standing, fresh, there, now);
  if (isSameCount(standing, counted)) return;
  await ports.fleet.correctCount(standing, withCensus(counted, fresh, now), signal);
}
