// What can happen to a service. Everything that changes one comes in as one of these.
import type { Surroundings } from './fleet.ts';
import type { Observation } from './observation.ts';
import type { Restart } from './state.ts';

/** A verdict at a beat (epoch ms). `intentId`: the look was asked for by that intent. */
export type Probed = Readonly<{
  kind: 'probed';
  beat: number;
  observation: Observation;
  fleet: Surroundings;
  jitter: number;
  intentId?: string | undefined;
  /** A person asked: the verdict is written down even where it changes nothing. */
  asked?: boolean;
}>;
/** Time has passed: deadlines, and intents that nobody carried out. */
type Ticked = Readonly<{ kind: 'ticked'; jitter: number }>;
/**
 * A person wants a restart. `force` goes past the budget and past waiting for requests, which else takes
 * `drainSeconds`.
 */
export type Requested = Readonly<{
  kind: 'requested';
  by: string;
  reason: string;
  force: boolean;
  mode?: Restart['mode'];
  drainSeconds?: number | undefined;
  /** Once it is verified, what depends on the service is restarted too. */
  cascade?: boolean;
  /** The restart of another service that this one is to follow. */
  cascadeOf?: string | undefined;
}>;
/** A person takes the service out of service, until then or until it is resumed, and back. */
export type Paused = Readonly<{ kind: 'paused'; by: string; reason?: string | undefined; until?: number | undefined }>;
export type Resumed = Readonly<{ kind: 'resumed'; by: string }>;
/** A person acknowledges the open incident: until then, or until it ends, there are no reminders. */
export type Acknowledged = Readonly<{
  kind: 'acknowledged';
  by: string;
  reason?: string | undefined;
  until?: number | undefined;
}>;
/** Requests under way, as the prober counted them; `undefined` when it could not tell. */
export type Drained = Readonly<{
  kind: 'drained';
  restartId: string;
  active?: number | undefined;
  intentId: string;
  jitter: number;
}>;
/** How far one service of a cascade has come. */
export type Sight = Readonly<{
  service: string;
  outcome: 'waiting' | 'under_way' | 'done' | 'failed' | 'passed_over';
  reason?: string | undefined;
}>;
/** What was found of the cascade that follows this restart. */
export type Cascaded = Readonly<{
  kind: 'cascaded';
  restartId: string;
  found:
    | { kind: 'planned'; levels: readonly (readonly string[])[] }
    | { kind: 'looked'; level: number; sights: readonly Sight[] }
    | { kind: 'refused'; reason: string };
}>;
/** A service that this one depends on is down since then, in that incident of its own. */
export type DependencyDown = Readonly<{ kind: 'dependency_down'; service: string; incidentId: string; since: number }>;
/**
 * A drift of a service away from its own past: its median latency in ms, or the share of probes that were slow or
 * failed (0 to 1). `since` is epoch ms.
 */
export type Trend = Readonly<{
  kind: 'latency' | 'errors';
  since: number;
  now: number;
  usual: number;
  message: string;
}>;
/** What is unusual about a service as of `at` (epoch ms, the end of the newest window), or that nothing is. */
export type TrendSeen = Readonly<{ kind: 'trend'; at: number; trend?: Trend | undefined }>;
export type Cancelled = Readonly<{ kind: 'cancelled'; by: string; reason?: string | undefined }>;

/** What the restart function reports about a restart. */
export type Report =
  /** About to send: `before` identifies the instance that runs now; nobody else may send until `leaseUntil`. */
  | { kind: 'begun'; before: string; leaseUntil: number; fleet: Surroundings }
  /**
   * An earlier invocation had begun it and has sent nothing: the holder of the lease asks whether it is still wanted.
   */
  | { kind: 'unsent'; fleet: Surroundings }
  /** All slots are taken: it waits in its queue, unless it is not wanted any more. */
  | { kind: 'waiting'; reason: string; fleet: Surroundings }
  | { kind: 'sent'; handle: string; adopted: boolean }
  /** `evidence`: what the present round of an order in rounds has just stopped, redacted. */
  | { kind: 'progress'; evidence?: string | undefined }
  | { kind: 'changed'; identity: string; detail: string; output?: string | undefined }
  /** What the restart would destroy: last events, stop reasons, states. For people, redacted and short. */
  | { kind: 'evidence'; text: string }
  /** `isInDoubt`: the restart itself may have been sent by somebody who died, and nobody can find out. */
  | { kind: 'failed'; reason: string; output?: string | undefined; isInDoubt?: boolean }
  /**
   * Must not be restarted now (switched off on purpose, being deployed): nothing was sent. `isBegun`: the act was begun, and
   * AWS itself refused the order.
   */
  | { kind: 'refused'; reason: string; isBegun?: boolean };
/**
 * `act`: the order (`orderId`) of the act that the report is about; one about an earlier act says nothing about the
 * present.
 */
export type Reported = Readonly<{
  kind: 'reported';
  restartId: string;
  act?: string | undefined;
  report: Report;
  jitter: number;
}>;

/** These intents are being carried out by one invocation until `until`. */
type Claimed = Readonly<{ kind: 'claimed'; intentIds: readonly string[]; until: number }>;
type CarriedOut = Readonly<{ kind: 'carried_out'; intentIds: readonly string[] }>;
/** One half of these is done and the other is not: people have been told, or the event bus has. */
type HalfDone = Readonly<{ kind: 'half_done'; half: 'told' | 'on_bus'; intentIds: readonly string[] }>;

export type ServiceEvent =
  | Probed
  | Ticked
  | Requested
  | Cancelled
  | Paused
  | Resumed
  | Acknowledged
  | Drained
  | Cascaded
  | DependencyDown
  | TrendSeen
  | Reported
  | Claimed
  | CarriedOut
  | HalfDone;
