// What one invocation has been told by the world, so that the observer can judge its writes.
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

/**
 * `beat` and `intentId` are those of the message; `isAsked`: a person asked for the probe; `isOfPack`: it is one of a
 * round.
 */
export type Errand = Readonly<{ beat: number; isAsked: boolean; isOfPack: boolean; intentId?: string | undefined }>;

export class Memory {
  /** The newest result of the liveness probe, and the services whose newest readiness result was bad. */
  readonly seen = new Map<SimService, Observation>();
  readonly unready = new Set<SimService>();
  /** The results at the time when it counted what fails together: dependencies are probed after that. */
  seenAtCensus: ReadonlyMap<SimService, Observation> | undefined;
  /** The shards that it has read, as it read them. */
  readonly shardsRead: (readonly Stored[])[] = [];
  errand: Errand | undefined;
  control: FleetControl | undefined;
  inspection: Inspection | undefined;
  /** The handle of the order, and whether it had been sent before. */
  order: { handle: string; adopted: boolean } | undefined;
  progress: Progress | undefined;
  /** The count of requests under way; `active` is undefined if they could not be counted. */
  counted: { active: number | undefined } | undefined;
  evidence: string | undefined;
  /** The restarter's lasting refusal. */
  hopeless: string | undefined;
  /** What a person asked for. */
  wish: Requested | Cancelled | Paused | Resumed | Acknowledged | undefined;
  /** The single services that it has read, each time; `undefined` if there was none. */
  readonly reads = new Map<string, (State | undefined)[]>();
  /** Services that it could not read. */
  readonly unread = new Set<string>();
  /** The slots for restarts, each time that it read them. */
  readonly slots: Slots[] = [];
  /** The drift that it has found, from windows that the world made up. */
  trend: TrendSeen | undefined;
  /** Intents that it has carried out. */
  readonly published: string[] = [];
  readonly recorded: string[] = [];
}
