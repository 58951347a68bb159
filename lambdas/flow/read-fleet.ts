// Every service there is, for whoever looks at the fleet as a whole.
import type { FleetStore } from '../ports/fleet-store.ts';
import type { ServiceStore, Stored } from '../ports/service-store.ts';

/** Reads all shards that have ever held a service; `strong` as in `ServiceStore.readShard`. */
export async function readFleet(
  { fleet, services }: Readonly<{ fleet: FleetStore; services: ServiceStore }>,
  signal: AbortSignal,
  consistency: 'eventual' | 'strong' = 'eventual',
): Promise<readonly Stored[]> {
  const counts = await fleet.counts(signal);
  const shards = await Promise.all(counts.map(({ shard }) => services.readShard(shard, signal, consistency)));
  return shards.flatMap((shard) => shard.services);
}
