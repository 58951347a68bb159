// Which services there are to be discovered, and how the registrations differ from them (the drift).
// The docstrings are contracts: every adapter and every fake keeps them.
import type { Drift } from '../core/discovery/drift.ts';
import type { SeenService } from '../core/discovery/ecs-tags.ts';
import type { Endpoint } from '../core/registration/endpoint.ts';

export interface DriftStore {
  /** What the newest run of discovery saw; undefined when there was none, or when it cannot be decoded any more. */
  read(signal: AbortSignal): Promise<Drift | undefined>;
  /** Replaces it. An older drift than the stored one is not written: its run was overtaken. */
  save(drift: Drift, signal: AbortSignal): Promise<void>;
}

export interface EcsInventory {
  /**
   * Every service of the cluster that was not deleted. Rejects when it cannot be read to the end: half a list would
   * look as if the others were gone.
   */
  services(cluster: string, signal: AbortSignal): Promise<readonly SeenService[]>;
}

export interface Balancers {
  /**
   * Where services behind these target groups answer; groups that no application load balancer leads to are left out.
   */
  endpoints(targetGroups: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, Endpoint>>;
}
