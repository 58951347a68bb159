// The names of every environment variable that a function reads. The stack sets them, the handlers parse them, and a
// test holds the two against each other.

/** What whoever registers services must know of the deployment; runtime/limits.ts makes limits of it. */
export const limitEnv = [
  'LAMPLIGHTER_ALLOWED_RANGES',
  'LAMPLIGHTER_DOCUMENTS',
  'LAMPLIGHTER_ECS_STATE',
  'LAMPLIGHTER_MIN_INTERVAL_SECONDS',
  'LAMPLIGHTER_NETWORKS',
] as const;

/** Which variables each function reads; nothing else in the environment is looked at. */
export const functionEnv = {
  schedule: [
    'LAMPLIGHTER_TABLE',
    'LAMPLIGHTER_PROBE_QUEUE_URL',
    'LAMPLIGHTER_OTHER_PROBE_QUEUE_URL',
    'LAMPLIGHTER_ECS_PROBE_QUEUE_URL',
  ],
  probe: [
    'LAMPLIGHTER_TABLE',
    'LAMPLIGHTER_SHARDS',
    'LAMPLIGHTER_NETWORK',
    'LAMPLIGHTER_ECS_STATE',
    'LAMPLIGHTER_PROBE_QUEUE_URL',
    'LAMPLIGHTER_OTHER_PROBE_QUEUE_URL',
    'LAMPLIGHTER_ECS_PROBE_QUEUE_URL',
    'LAMPLIGHTER_RESTART_QUEUE_URL',
    'LAMPLIGHTER_ALERT_QUEUE_URL',
    'LAMPLIGHTER_ALLOWED_RANGES',
    'LAMPLIGHTER_MAX_IN_FLIGHT',
    'LAMPLIGHTER_STORM',
    'LAMPLIGHTER_RETENTION_DAYS',
  ],
  restart: [
    'LAMPLIGHTER_TABLE',
    'LAMPLIGHTER_SHARDS',
    'LAMPLIGHTER_PROBE_QUEUE_URL',
    'LAMPLIGHTER_RESTART_QUEUE_URL',
    'LAMPLIGHTER_ALERT_QUEUE_URL',
    'LAMPLIGHTER_DOCUMENTS',
    'LAMPLIGHTER_STORM',
    'LAMPLIGHTER_MAX_RESTARTS',
  ],
  alert: [
    'LAMPLIGHTER_TABLE',
    'LAMPLIGHTER_SHARDS',
    'LAMPLIGHTER_TOPIC_ARN',
    'LAMPLIGHTER_API_URL',
    'LAMPLIGHTER_RETENTION_DAYS',
  ],
  api: [
    'LAMPLIGHTER_TABLE',
    'LAMPLIGHTER_SHARDS',
    'LAMPLIGHTER_PROBE_QUEUE_URL',
    'LAMPLIGHTER_RESTART_QUEUE_URL',
    'LAMPLIGHTER_ALERT_QUEUE_URL',
    'LAMPLIGHTER_RETENTION_DAYS',
    'LAMPLIGHTER_AUDIT_RETENTION_DAYS',
    'LAMPLIGHTER_DISCOVERY_CLUSTERS',
    'LAMPLIGHTER_BUILD',
    'LAMPLIGHTER_MAX_RESTARTS',
    ...limitEnv,
  ],
  register: [
    'LAMPLIGHTER_TABLE',
    'LAMPLIGHTER_SHARDS',
    'LAMPLIGHTER_PROBE_QUEUE_URL',
    'LAMPLIGHTER_AUDIT_RETENTION_DAYS',
    ...limitEnv,
  ],
  discover: [
    'LAMPLIGHTER_TABLE',
    'LAMPLIGHTER_SHARDS',
    'LAMPLIGHTER_PROBE_QUEUE_URL',
    'LAMPLIGHTER_AUDIT_RETENTION_DAYS',
    'LAMPLIGHTER_DISCOVERY_CLUSTERS',
    'LAMPLIGHTER_RESTART_TAG',
    ...limitEnv,
  ],
  rollup: [
    'LAMPLIGHTER_TABLE',
    'LAMPLIGHTER_SHARDS',
    'LAMPLIGHTER_RETENTION_DAYS',
    'LAMPLIGHTER_ROLLUP_RETENTION_DAYS',
  ],
  authorize: ['LAMPLIGHTER_PEOPLE_SECRET'],
} as const;

export type FunctionName = keyof typeof functionEnv;
export type EnvName = (typeof functionEnv)[FunctionName][number];
