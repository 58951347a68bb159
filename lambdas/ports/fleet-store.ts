// What is stored about the fleet as a whole: its switches, counts, slots and storms.
// The docstrings are contracts: every adapter and every fake keeps them.
import type { CountedShard, ShardCount } from '../contract/messages.ts';
import type { Network } from '../contract/networks.ts';
import type { Storms } from '../core/health/storm.ts';
import type { FleetControl } from '../core/model/fleet.ts';
import type { Slot, Slots } from '../core/restart/restart-slots.ts';

export interface FleetStore {
  control(signal: AbortSignal): Promise<FleetControl>;
  saveControl(control: FleetControl, signal: AbortSignal): Promise<void>;
  /** The counts of all shards that have ever held a service. */
  counts(signal: AbortSignal): Promise<readonly CountedShard[]>;
  /** The counts of one shard, read consistently; undefined when the shard never held a service. */
  count(shard: number, signal: AbortSignal): Promise<CountedShard | undefined>;
  /** The counts of all shards, with the storms and the slots that are taken, in one request. */
  overview(signal: AbortSignal): Promise<FleetOverview>;
  /**
   * Takes a slot for a restart, or extends the one that it has. `false` when `most` others are taken. With Infinity it
   * always gets one.
   */
  takeSlot(slot: Slot, most: number, now: number, signal: AbortSignal): Promise<boolean>;
  /** Frees the slots of these restarts; a slot that is free already is as wanted. */
  freeSlots(restartIds: readonly string[], signal: AbortSignal): Promise<void>;
  /** The slots that are taken, including those of restarts that are over. */
  slots(signal: AbortSignal): Promise<Slots>;
  /**
   * Makes sure that `schedule` packs this shard often enough, and for the prober of this network (the public one by
   * default). Always writes, so that a count that was read earlier can no longer be corrected: call it before and after
   * a service is put there.
   */
  expectService(shard: number, intervalSeconds: number, signal: AbortSignal, network?: Network): Promise<void>;
  /** Corrects a count that was read as `known`; does nothing when it changed meanwhile. */
  correctCount(known: ShardCount, found: Omit<CountedShard, 'version'>, signal: AbortSignal): Promise<void>;
}

type FleetOverview = Readonly<{ counts: readonly CountedShard[]; storms: Storms; slots: Slots }>;

export interface StormStore {
  /** The present storms; none when there never was one. */
  read(signal: AbortSignal): Promise<Storms>;
  /** Writes them if the stored version is the one before theirs. `false`: another writer was faster; read again. */
  save(storms: Storms, signal: AbortSignal): Promise<boolean>;
}
