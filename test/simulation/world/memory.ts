// What one invocation has been told by the world, so that the observer can judge what it writes by it.
import type {
  Acknowledged,
  Cancelled,
  Paused,
  Requested,
  Resumed,
  TrendSeen,
} from '../../../lambdas/core/model/events.ts';
import type { FleetControl } from '../../../lambdas/core/model/fleet.ts';
import type { Observation } from '../../../lambdas/core/model/observation.ts';
import type { State } from '../../../lambdas/core/model/state.ts';
import type { Slots } from '../../../lambdas/core/restart/restart-slots.ts';
import type { Inspection, Progress } from '../../../lambdas/ports/restarter.ts';
import type { Stored } from '../../../lambdas/ports/service-store.ts';
import type { SimService } from './sim-service.ts';

/** `beat` and `intentId` are those of the message; `isAsked`: a person wanted the look; `isOfPack`: a round did. */
export type Errand = Readonly<{ beat: number; isAsked: boolean; isOfPack: boolean; intentId?: string | undefined }>;

export class Memory {
  /** The newest answer of the liveness probe, and whose newest answer of the readiness probe was a bad one. */
  readonly seen = new Map<SimService, Observation>();
  readonly unready = new Set<SimService>();
  /** The same when it counted what fails together: what others stand on is looked at after that. */
  seenAtCensus: ReadonlyMap<SimService, Observation> | undefined;
  /** What it has read of whole shards, as it read it. */
  readonly shardsRead: (readonly Stored[])[] = [];
  errand: Errand | undefined;
  control: FleetControl | undefined;
  inspection: Inspection | undefined;
  /** The handle of the order, and whether it had been sent before. */
  order: { handle: string; adopted: boolean } | undefined;
  progress: Progress | undefined;
  /** The requests under way, as they were counted; undefined inside when they could not be. */
  counted: { active: number | undefined } | undefined;
  evidence: string | undefined;
  /** What the restarter said for good. */
  hopeless: string | undefined;
  /** What a person asked for. */
  wish: Requested | Cancelled | Paused | Resumed | Acknowledged | undefined;
  /** What it has read of single services, each time; `undefined` where there was nothing. */
  readonly reads = new Map<string, (State | undefined)[]>();
  /** Those that it could not read. */
  readonly unread = new Set<string>();
  /** The slots for restarts, each time that it read them. */
  readonly slots: Slots[] = [];
  /** What it has found of a drift, from windows that the world made up. */
  trend: TrendSeen | undefined;
  /** Intents that it has carried out. */
  readonly published: string[] = [];
  readonly recorded: string[] = [];
}
