// One shard in one pack: what was read of it, which of its services this prober looks at, and what was seen so far.
import type { PackMessage, ShardCount } from '../contract/messages.ts';
import { metricNames } from '../contract/metrics.ts';
import type { State } from '../core/model/state.ts';
import { isDue, isOvertaken } from '../core/rounds/due.ts';
import type { PackedResult } from '../core/rounds/packed-row.ts';
import type { Metrics } from '../ports/process.ts';
import type { ServiceStore, Stored } from '../ports/service-store.ts';
import { isOurs, keepsCounts, type Place } from './ours.ts';

export type ShardVisit = {
  readonly known: ShardCount;
  readonly services: readonly Stored[];
  /** Items that could not be decoded. */
  readonly faults: number;
  /** The services of the shard that this prober looks at. */
  readonly ours: readonly Stored[];
  /** Those of `ours` that are due at this beat, and are looked at. */
  readonly due: ReadonlySet<Stored>;
  /**
   * How many more were due but are left to newer packs, because this one comes too late. Services with several beats a
   * minute are not counted: after a late tick, the schedule itself skips most of their beats.
   */
  readonly overtaken: number;
  readonly results: PackedResult[];
  /** The new states of services that have changed since they were read. */
  readonly states: Map<Stored, State>;
};

export async function readShard(
  known: ShardCount,
  pack: PackMessage,
  now: number,
  ports: Place & Readonly<{ services: Pick<ServiceStore, 'readShard'>; metrics: Metrics }>,
  signal: AbortSignal,
): Promise<ShardVisit> {
  const { services, faults } = await ports.services.readShard(known.shard, signal);
  // Told by one of the probers that may read this shard.
  ports.metrics.count(metricNames.faultyItems, keepsCounts(known, ports) ? faults : 0);
  const ours = services.filter(({ service }) => isOurs(service, ports));
  const ofBeat = ours.filter(({ service }) => isDueAt(service, pack));
  const due = new Set(ofBeat.filter(({ service: { probe } }) => !isOvertaken(probe.intervalSeconds, pack.beat, now)));
  const overtaken = ofBeat.filter((one) => !due.has(one) && one.service.probe.intervalSeconds >= 60).length;
  return { known, services, faults, ours, due, overtaken, results: [], states: new Map() };
}

const isDueAt = ({ tenant, id, probe }: Stored['service'], { beat, stepSeconds }: PackMessage): boolean =>
  isDue({ tenant, id, intervalSeconds: probe.intervalSeconds }, beat, stepSeconds);

/** A service as it stands after this pack's own look. */
export const stateIn = ({ states }: ShardVisit, stored: Stored): State => states.get(stored) ?? stored.state;
