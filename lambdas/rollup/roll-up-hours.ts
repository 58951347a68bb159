// Rolls up hours of a day, in order: a row for each shard, and the sums of projects and fleet.
import { joined, type Sums, sumsOf } from '../core/numbers/roll-day.ts';
import { HOUR_MS, type HourEntries, type KnownService, rollHour } from '../core/numbers/roll-hour.ts';
import type { Stretch } from '../core/numbers/service-facts.ts';
import type { FleetStore } from '../ports/fleet-store.ts';
import type { Clock, Log } from '../ports/process.ts';
import type { RollupStore } from '../ports/rollup-store.ts';
import type { ServiceStore } from '../ports/service-store.ts';
import type { Timeline } from '../ports/timeline.ts';
import { hoursKeptMs, saveSums, type Timelines, timelinesOf } from './many.ts';
import { rowsOf, type RowsPorts } from './rows-of.ts';

export type RollUpPorts = RowsPorts &
  Readonly<{
    services: ServiceStore;
    fleet: FleetStore;
    timeline: Pick<Timeline, 'fleetBetween'>;
    rollups: RollupStore;
    clock: Clock;
    log: Log;
    /** How long results and timelines are kept, and how long roll-ups are. */
    resultsKeptMs: number;
    rollupsKeptMs: number;
  }>;

export async function rollUpHours(stretch: Stretch, ports: RollUpPorts, signal: AbortSignal): Promise<void> {
  const counts = await ports.fleet.counts(signal);
  const timelines = await timelinesOf(stretch, ports, signal);
  const sums = new Map<number, Sums[]>();
  for (const { shard } of counts) {
    const hours = await rollUpShard(shard, stretch, timelines, ports, signal);
    for (const [hour, entries] of hours) {
      const rolled = Object.entries(entries).map(([name, entry]) => ({ name, ...entry }));
      sums.set(hour, [...(sums.get(hour) ?? []), sumsOf(rolled)]);
    }
  }
  for (const [hour, ofShards] of sums) await saveSums(joined(ofShards), 'HOUR', hour, ports, signal);
}

/** Its hours, oldest first: each goes on from the one before. */
async function rollUpShard(
  shard: number,
  stretch: Stretch,
  timelines: Timelines,
  ports: RollUpPorts,
  signal: AbortSignal,
): Promise<ReadonlyMap<number, HourEntries>> {
  const services = (await ports.services.readShard(shard, signal)).services.map(
    ({ service, registeredAt, state }): KnownService => ({ ...service, registeredAt, state }),
  );
  const [earlier] = await ports.rollups.hours(shard, { from: stretch.from - HOUR_MS, before: stretch.from }, signal);
  let before = earlier?.entries ?? {};
  const done = new Map<number, HourEntries>();
  for (let from = stretch.from; from < stretch.before; from += HOUR_MS) {
    const hour = { from, before: from + HOUR_MS };
    const rows = await rowsOf(shard, hour, ports, signal);
    before = rollHour({ hour, rows, services, timelines, before });
    if (Object.keys(before).length === 0) continue;
    await ports.rollups.saveHour(shard, from, before, from + hoursKeptMs(ports.rollupsKeptMs), signal);
    done.set(from, before);
  }
  return done;
}
