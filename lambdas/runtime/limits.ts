// What a deployment allows in a registration, made from the environment in one place for all functions that register.
import type { Network } from '../contract/networks.ts';

/** The variables of the decoded environment that `limitEnv` of the contract names. */
type LimitEnv = Readonly<{
  LAMPLIGHTER_ALLOWED_RANGES: readonly string[];
  LAMPLIGHTER_DOCUMENTS: readonly Readonly<{ name: string }>[];
  LAMPLIGHTER_ECS_STATE: boolean;
  LAMPLIGHTER_MIN_INTERVAL_SECONDS: number;
  LAMPLIGHTER_NETWORKS: readonly Network[];
}>;

export const limitsOf = (env: LimitEnv) => ({
  minIntervalSeconds: env.LAMPLIGHTER_MIN_INTERVAL_SECONDS,
  allowedRanges: env.LAMPLIGHTER_ALLOWED_RANGES,
  documents: env.LAMPLIGHTER_DOCUMENTS.map(({ name }) => name),
  networks: env.LAMPLIGHTER_NETWORKS,
  ecsState: env.LAMPLIGHTER_ECS_STATE,
});
