// What AWS gives its functions through the environment: where the SDK finds the services, and the values set by the
// stack.
import { readFileSync } from 'node:fs';

import { DEFAULT_SHARDS } from '../lambdas/contract/table.ts';
import { documentPins } from '../lib/documents.ts';
import type { QueueName } from './queue-limits.ts';
import type { Settings } from './settings.ts';

export const REGION = 'us-east-1';
export const ACCOUNT = '000000000000';
export const TABLE = 'lamplighter';

type Environment = Record<string, string | undefined>;

/** Sends the SDK to this machine, service by service, unless the environment names another endpoint for it. */
export function pointSdkAt(awsUrl: string, env: Environment): void {
  for (const service of ['DYNAMODB', 'SQS', 'SNS', 'ECS', 'ECR', 'SSM', 'EVENTBRIDGE'])
    env[`AWS_ENDPOINT_URL_${service}`] ??= awsUrl;
  env['AWS_REGION'] ??= REGION;
  env['AWS_EC2_METADATA_DISABLED'] ??= 'true';
  if (env['AWS_PROFILE'] !== undefined) return;
  env['AWS_ACCESS_KEY_ID'] ??= 'local';
  env['AWS_SECRET_ACCESS_KEY'] ??= 'local';
}

/** Writes into `env` the values that the stack would give the functions. */
export function describeTo(
  env: Environment,
  { config, minIntervalSeconds }: Settings,
  queueUrls: Readonly<Record<QueueName, string>>,
  topicArn: string,
): void {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  Object.assign(env, {
    LAMPLIGHTER_TABLE: TABLE,
    LAMPLIGHTER_SHARDS: String(DEFAULT_SHARDS),
    LAMPLIGHTER_PROBE_QUEUE_URL: queueUrls.probe,
    // One prober, which reaches everything that this machine reaches.
    LAMPLIGHTER_NETWORK: 'public',
    LAMPLIGHTER_NETWORKS: 'public',
    LAMPLIGHTER_OTHER_PROBE_QUEUE_URL: '',
    LAMPLIGHTER_ECS_PROBE_QUEUE_URL: '',
    LAMPLIGHTER_ECS_STATE: 'yes',
    LAMPLIGHTER_RESTART_QUEUE_URL: queueUrls.restart,
    LAMPLIGHTER_ALERT_QUEUE_URL: queueUrls.alert,
    LAMPLIGHTER_TOPIC_ARN: topicArn,
    LAMPLIGHTER_SMS: JSON.stringify({
      monthlyLimit: config.alerts.smsMonthlyLimit,
      // A custom filter policy is not evaluated: such a number counts for every alert.
      numbers: config.sns.subscribers.filter(({ protocol }) => protocol === 'sms').map(({ levels }) => ({ levels })),
    }),
    LAMPLIGHTER_EVENT_BUS: config.alerts.eventBus ?? '',
    LAMPLIGHTER_GROUP_SECONDS: String(config.alerts.groupSeconds),
    LAMPLIGHTER_QUIET_HOURS: config.alerts.quietHours ? JSON.stringify(config.alerts.quietHours) : '',
    LAMPLIGHTER_ALLOWED_RANGES: ['127.0.0.0/8', '::1/128', ...config.allowedRanges].join(','),
    LAMPLIGHTER_DOCUMENTS: documentPins,
    LAMPLIGHTER_MAX_IN_FLIGHT: '100',
    LAMPLIGHTER_STORM: JSON.stringify(config.restart.storm),
    LAMPLIGHTER_MAX_RESTARTS: String(config.restart.maxAtOnce),
    LAMPLIGHTER_RETENTION_DAYS: '30',
    LAMPLIGHTER_ROLLUP_RETENTION_DAYS: '400',
    LAMPLIGHTER_AUDIT_RETENTION_DAYS: '365',
    LAMPLIGHTER_MIN_INTERVAL_SECONDS: String(minIntervalSeconds),
    LAMPLIGHTER_DISCOVERY_CLUSTERS: config.discovery.clusters.join(','),
    LAMPLIGHTER_RESTART_TAG: JSON.stringify({ key: 'lamplighter', value: 'restart' }),
    LAMPLIGHTER_BUILD: JSON.stringify({
      version,
      commit: env['LAMPLIGHTER_COMMIT'] ?? 'local',
      builtAt: new Date().toISOString(),
    }),
    // Metrics are for CloudWatch; here they would only clutter the output that people read.
    POWERTOOLS_METRICS_DISABLED: env['POWERTOOLS_METRICS_DISABLED'] ?? 'true',
    POWERTOOLS_LOG_LEVEL: env['POWERTOOLS_LOG_LEVEL'] ?? 'WARN',
  });
}
