// Where hourly and daily roll-ups are kept.
// The docstrings are contracts: every adapter and every fake keeps them.
import type { Roll } from '../core/numbers/roll.ts';
import type { HourEntries } from '../core/numbers/roll-hour.ts';
import type { Stretch } from '../core/numbers/service-facts.ts';
import type { Progress as RollupProgress } from '../core/numbers/window.ts';

/** Whose numbers they are; `fleet` is all services of all tenants. */
export type RollupSubject =
  | Readonly<{ kind: 'service'; tenant: string; id: string }>
  | Readonly<{ kind: 'project'; tenant: string; project: string }>
  | Readonly<{ kind: 'fleet' }>;

/** Hours and days of numbers. Writing the same one twice leaves one. */
export interface RollupStore {
  /** How far they have come; undefined before the first. */
  progress(signal: AbortSignal): Promise<RollupProgress | undefined>;
  /** Never goes back: if another run is further, nothing is written, and that is as wanted. */
  advance(progress: RollupProgress, signal: AbortSignal): Promise<void>;
  /** Writes an hour (epoch ms of its beginning) of a shard, and replaces what is stored for it. */
  saveHour(shard: number, hour: number, entries: HourEntries, expiresAt: number, signal: AbortSignal): Promise<void>;
  /**
   * The hours of a shard, oldest first; those in which it held nothing are not there. `only`: this service
   * (`tenant#id`) and no other.
   */
  hours(shard: number, stretch: Stretch, signal: AbortSignal, only?: string): Promise<readonly RolledHour[]>;
  /**
   * `at`: epoch ms of the beginning of the hour or day. Services have days only: their hours are in those of the shard.
   */
  save(
    subject: RollupSubject,
    unit: 'HOUR' | 'DAY',
    at: number,
    roll: Roll,
    expiresAt: number,
    signal: AbortSignal,
  ): Promise<void>;
  /** Oldest first. */
  rolls(subject: RollupSubject, unit: 'HOUR' | 'DAY', stretch: Stretch, signal: AbortSignal): Promise<readonly Roll[]>;
}

export type RolledHour = Readonly<{ hour: number; entries: HourEntries }>;
