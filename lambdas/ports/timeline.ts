// What is stored about the past: the results of every beat, what happened, and who asked for it.
// The docstrings are contracts: every adapter and every fake keeps them.
import type { Network } from '../contract/networks.ts';
import type { AuditEntry, AuditRecord } from '../core/model/audit.ts';
import type { TimelineRecord } from '../core/model/timeline.ts';
import type { Stretch } from '../core/numbers/service-facts.ts';
import type { PackedRow } from '../core/rounds/packed-row.ts';
import type { Place } from '../core/values/place.ts';
import type { ServiceKey } from './service-store.ts';

export interface ResultStore {
  /** One write; the same row written twice is one row. */
  saveRow(row: PackedRow, expiresAt: number, signal: AbortSignal): Promise<void>;
  /**
   * Rows that the prober of `network` has written for a shard, with `from <= beat < before`, newest first. If rows are
   * large, fewer than `limit` need not be the end: to read on, go back from the oldest until there are none.
   */
  rows(
    range: { shard: number; network: Network; from?: number; before?: number; limit: number },
    signal: AbortSignal,
  ): Promise<readonly PackedRow[]>;
}

export interface Timeline {
  /** Writing a record twice (same `at` and `intentId`) leaves one. */
  append(record: TimelineRecord, expiresAt: number, signal: AbortSignal): Promise<void>;
  /**
   * Newest first, records of the same moment by their intents' ids; `before` leaves out its own place and everything
   * newer, `from` (epoch ms) everything older.
   */
  events(
    key: ServiceKey,
    page: { limit: number; before?: Place | undefined; from?: number | undefined },
    signal: AbortSignal,
  ): Promise<readonly TimelineRecord[]>;
  /**
   * The same for all services together, on the UTC day that begins at `day` (epoch ms); records of the same moment are
   * sorted by `tenant:service:intent`, which is the id of their places.
   */
  fleetDay(
    page: { day: number; from: number; before: Place; limit: number },
    signal: AbortSignal,
  ): Promise<readonly TimelineRecord[]>;
  /** Every record of all services in a stretch of one UTC day, oldest first; within one moment as in `fleetDay`. */
  fleetBetween(stretch: Stretch, signal: AbortSignal): Promise<readonly TimelineRecord[]>;
  /** Ended restarts only, newest first. */
  restarts(key: ServiceKey, page: { limit: number }, signal: AbortSignal): Promise<readonly TimelineRecord[]>;
}

export interface AuditLog {
  /**
   * Writes an entry under its service, or under the fleet. The same `at` and `entryId` are the same entry: a later
   * outcome replaces `asked`, and `asked` replaces nothing, however late it comes.
   */
  write(entry: AuditEntry, signal: AbortSignal): Promise<void>;
  /** Newest first; entries of the fleet when there is no `subject`. A service that was removed keeps its entries. */
  entries(
    subject: ServiceKey | undefined,
    page: { limit: number; before?: Place | undefined },
    signal: AbortSignal,
  ): Promise<readonly AuditRecord[]>;
}
