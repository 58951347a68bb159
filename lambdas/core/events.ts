// What can happen to a service. Everything that changes one comes in as one of these.
import type { FleetControl } from './fleet.ts';
import type { Observation } from './observation.ts';

/** A verdict at a beat (epoch ms). `intentId`: the look was asked for by that intent. */
export type Probed = Readonly<{
  kind: 'probed';
  beat: number;
  observation: Observation;
  fleet: FleetControl;
  jitter: number;
  intentId?: string | undefined;
  /** A person asked: the verdict is written down even where it changes nothing. */
  asked?: boolean;
}>;
/** Time has passed: deadlines, and intents that nobody carried out. */
type Ticked = Readonly<{ kind: 'ticked'; jitter: number }>;
/** A person wants a restart. `force` goes past the budget. */
export type Requested = Readonly<{ kind: 'requested'; by: string; reason: string; force: boolean }>;
export type Cancelled = Readonly<{ kind: 'cancelled'; by: string }>;

/** What the restart function says of a restart. */
export type Report =
  /** About to send: `before` is what stands there now; nobody else may send until `leaseUntil`. */
  | { kind: 'begun'; before: string; leaseUntil: number; fleet: FleetControl }
  | { kind: 'sent'; handle: string; adopted: boolean }
  | { kind: 'progress' }
  | { kind: 'changed'; identity: string; detail: string }
  | { kind: 'failed'; reason: string; output?: string | undefined }
  /** Must not be restarted now (switched off on purpose, being deployed): nothing was sent. */
  | { kind: 'refused'; reason: string };
export type Reported = Readonly<{ kind: 'reported'; restartId: string; report: Report; jitter: number }>;

/** These intents are being carried out by one invocation until `until`. */
type Claimed = Readonly<{ kind: 'claimed'; intentIds: readonly string[]; until: number }>;
type CarriedOut = Readonly<{ kind: 'carried_out'; intentIds: readonly string[] }>;

export type ServiceEvent = Probed | Ticked | Requested | Cancelled | Reported | Claimed | CarriedOut;
