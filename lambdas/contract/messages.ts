// The shapes of queue messages. They name work and hold no decisions: the receiver reads the service's own item, so a
// message that comes twice or late does no harm.

/** What one shard holds, as `schedule` read it; `version` lets the prober correct it only if nobody did meanwhile. */
export type ShardCount = Readonly<{
  shard: number;
  services: number;
  unhealthy: number;
  /** The shortest interval in the shard, in seconds; decides how many beats a minute it gets. */
  fastestSeconds: number;
  version: number;
}>;

/** All services of these shards that are due at `beat` (epoch ms), on a grid of `stepSeconds`. */
export type PackMessage = Readonly<{
  kind: 'pack';
  correlationId: string;
  beat: number;
  stepSeconds: number;
  shards: readonly ShardCount[];
}>;

/** One service, now: a person asked, or a restart is to be verified. `intentId` is struck off when it is done. */
export type CheckMessage = Readonly<{
  kind: 'check';
  correlationId: string;
  tenant: string;
  id: string;
  beat: number;
  intentId?: string | undefined;
}>;

export type ProbeMessage = PackMessage | CheckMessage;

/** Take this restart one step further. */
export type RestartMessage = Readonly<{ correlationId: string; tenant: string; id: string; restartId: string }>;

/** Write and publish what is pending in this service's item under these intent ids. */
export type AlertMessage = Readonly<{
  correlationId: string;
  tenant: string;
  id: string;
  intentIds: readonly string[];
}>;
