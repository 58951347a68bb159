// The shapes of queue messages. They name work and hold no decisions: the receiver reads the service's own item, so a
// message that comes twice or late does no harm.

/** How many services a group has, and how many of them fail; by the name of the group. */
export type Census = Readonly<Record<string, Readonly<{ services: number; failing: number }>>>;

/** What one shard holds, as `schedule` read it; `version` lets the prober correct it only if nobody did meanwhile. */
export type ShardCount = Readonly<{
  shard: number;
  services: number;
  /** How many of them the prober inside the VPC probes; 0 in a deployment without one. */
  privateServices: number;
  /** How many of them the prober for ECS probes; absent if there are none. */
  ecsServices?: number | undefined;
  unhealthy: number;
  /** The shortest interval in the shard, in seconds; decides how many beats a minute it gets. */
  fastestSeconds: number;
  /**
   * A mark of the shard's census, by which its prober sees whether that has changed; none in items of older versions.
   */
  census?: string | undefined;
  version: number;
}>;
/** The same with the census itself, which is too large for every message. */
export type CountedShard = ShardCount & Readonly<{ groups?: Census | undefined }>;

/** All services of these shards that are due at `beat` (epoch ms), on a grid of `stepSeconds`. */
export type PackMessage = Readonly<{
  kind: 'pack';
  correlationId: string;
  beat: number;
  stepSeconds: number;
  shards: readonly ShardCount[];
  /** There is a storm, and this pack checks whether it is over. */
  hasStorms?: boolean | undefined;
}>;

/** One service, now: a person asked, or a restart is to be verified. `intentId` is struck off when it is done. */
export type CheckMessage = Readonly<{
  kind: 'check';
  correlationId: string;
  tenant: string;
  id: string;
  beat: number;
  intentId?: string | undefined;
  /** The other prober has passed it on already; it is not passed on again. */
  isForwarded?: boolean | undefined;
}>;

/**
 * What a service runs on, as the index of targets names it, and the services that it depends on. A cluster goes by its
 * short name.
 */
export type Target = `ecs#${string}#${string}` | `ec2#${string}` | `service#${string}#${string}`;

/**
 * An event of AWS on the probe queue, decoded: something has changed at these targets. A probe will find out what it
 * means for the services.
 */
export type StateChangeMessage = Readonly<{
  kind: 'state_change';
  /** The id of AWS's own event. */
  correlationId: string;
  /** Source and detail type of the event, for the log. */
  event: string;
  /** When it happened (epoch ms). */
  at: number;
  /** Empty when the event names nothing that a service could run on. */
  targets: readonly Target[];
}>;

/** What our own functions put on the probe queue; EventBridge puts its events there as they are. */
export type ProbeMessage = PackMessage | CheckMessage;

/** Take this restart one step further. */
export type RestartMessage = Readonly<{ correlationId: string; tenant: string; id: string; restartId: string }>;

/** Tell people the news of this storm that they are still owed. */
export type StormMessage = Readonly<{ kind: 'storm'; correlationId: string; stormId: string }>;

/** Send what was collected for this project in this window, if its time has come. */
export type WindowMessage = Readonly<{
  kind: 'window';
  correlationId: string;
  tenant: string;
  project: string | null;
  windowId: string;
}>;

/** Write and publish what is pending in this service's item under these intent ids. */
export type AlertMessage = Readonly<{
  correlationId: string;
  tenant: string;
  id: string;
  intentIds: readonly string[];
}>;
