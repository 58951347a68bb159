// Where services are kept, one item each, and who is concerned by what.
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
  /** Every service of a shard. An item that cannot be decoded is logged, counted in `faults` and left out: one poisoned item must not stop the others. */
  readShard(
    shard: number,
    signal: AbortSignal,
    /** `strong` sees every write that was answered before, at twice the price. */
    consistency?: 'eventual' | 'strong',
  ): Promise<{ services: readonly Stored[]; faults: number }>;
  read(key: ServiceKey, signal: AbortSignal): Promise<Stored | undefined>;
  /** Writes the state if nobody wrote one since `stored` was read. `false`: somebody did; read and advance again. */
  saveState(stored: Stored, state: State, signal: AbortSignal): Promise<boolean>;
  /**
   * Puts or replaces the document; a service that exists keeps its state. `before` is what this very write replaced;
   * undefined also when that cannot be decoded, so that a poisoned item can be mended by registering it anew.
   */
  register(
    document: Registration,
    fresh: State,
    now: number,
    signal: AbortSignal,
  ): Promise<{ outcome: 'created' | 'replaced'; before: Registration | undefined }>;
  /** Not removed when there was none, which is as wanted. `before` as with `register`, and so is the last `state`. */
  remove(
    key: ServiceKey,
    signal: AbortSignal,
  ): Promise<{ isRemoved: boolean; before: Registration | undefined; state: State | undefined }>;
  /** Notes a heartbeat beside the state, so that it never collides with a probe. `false`: no such service. */
  heartbeat(key: ServiceKey, at: number, signal: AbortSignal): Promise<boolean>;
}

/** Which services run on or depend on what: the way from a change to the services that it concerns. */
export interface TargetIndex {
  /** Notes that this service names these targets. Twice is once. */
  point(key: ServiceKey, targets: readonly Target[], signal: AbortSignal): Promise<void>;
  /** Forgets it; what was never noted is as wanted. */
  unpoint(key: ServiceKey, targets: readonly Target[], signal: AbortSignal): Promise<void>;
  /** Every service that names the target, and maybe some that did so once: ask the service itself. */
  services(target: Target, signal: AbortSignal): Promise<readonly ServiceKey[]>;
}
