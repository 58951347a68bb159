// Where services are kept, one item each, and the index from a target to the services that it concerns.
// The docstrings are contracts: every adapter and every fake keeps them.
import type { Target } from '../contract/messages.ts';
import type { Registration, Service } from '../core/model/service.ts';
import type { State } from '../core/model/state.ts';

export type ServiceKey = Readonly<{ tenant: string; id: string }>;

/** One service's item as it was read. `version` is the condition of the next write of its state. */
export type Stored = Readonly<{
  document: Registration;
  service: Service;
  state: State;
  version: number;
  registeredAt: number;
  heartbeatAt?: number | undefined;
}>;

export interface ServiceStore {
  /**
   * Every service of a shard. An item that cannot be decoded is logged, counted in `faults` and left out: one poisoned
   * item must not stop the others.
   */
  readShard(
    shard: number,
    signal: AbortSignal,
    /** `strong` sees every write that was answered before, at twice the price. */
    consistency?: 'eventual' | 'strong',
  ): Promise<{ services: readonly Stored[]; faults: number }>;
  read(key: ServiceKey, signal: AbortSignal): Promise<Stored | undefined>;
  /** Writes the state if none was written since `stored` was read. `false`: one was; read and advance again. */
  saveState(stored: Stored, state: State, signal: AbortSignal): Promise<boolean>;
  /**
   * Puts or replaces the document; a service that exists keeps its state. `before` is the document that this write
   * replaced; undefined also when that cannot be decoded, so that registering it again repairs a poisoned item.
   */
  register(
    document: Registration,
    fresh: State,
    now: number,
    signal: AbortSignal,
  ): Promise<{ outcome: 'created' | 'replaced'; before: Registration | undefined }>;
  /**
   * Nothing is removed when there was none, which is as wanted. `before` is as with `register`, likewise the last
   * `state`.
   */
  remove(
    key: ServiceKey,
    signal: AbortSignal,
  ): Promise<{ isRemoved: boolean; before: Registration | undefined; state: State | undefined }>;
  /** Notes a heartbeat beside the state, so that it never collides with a probe. `false`: no such service. */
  heartbeat(key: ServiceKey, at: number, signal: AbortSignal): Promise<boolean>;
}

/** Which services run on, or depend on, a target: the way from a change to the services that it concerns. */
export interface TargetIndex {
  /** Adds entries: this service names these targets. Twice is the same as once. */
  point(key: ServiceKey, targets: readonly Target[], signal: AbortSignal): Promise<void>;
  /** Deletes these entries; one that does not exist is as wanted. */
  unpoint(key: ServiceKey, targets: readonly Target[], signal: AbortSignal): Promise<void>;
  /** Every service that names the target, and maybe some that no longer do: check the service's own document. */
  services(target: Target, signal: AbortSignal): Promise<readonly ServiceKey[]>;
}
