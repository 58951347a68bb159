// Lamplighter on one machine: the same five handlers, with loopback endpoints that speak AWS's wire protocols in place
// of the services. A composition root: nothing imports it but the programs beside it.
import { readFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import type { Server } from 'node:http';
import { join } from 'node:path';

import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import dynalite from 'dynalite';

import { DEFAULT_SHARDS } from '../lambdas/contract/table.ts';
import { STANDARD_DOCUMENTS } from '../lambdas/core/restart-spec.ts';
import { standardDocuments } from '../lib/documents.ts';
import { createLocalEcs } from './aws/ecs/ecs.ts';
import { openSns } from './aws/sns/sns.ts';
import { openSqs } from './aws/sqs/sqs.ts';
import { createLocalSsm } from './aws/ssm/ssm.ts';
import { awsServer } from './aws/wire.ts';
import { httpGateway } from './http-gateway.ts';
import { lambdaContext } from './lambda-context.ts';
import { startPoller } from './queue-poller.ts';
import { type Scheduler, startScheduler } from './scheduler.ts';
import type { Settings } from './settings.ts';
import { openStorage } from './storage.ts';
import { ensureTable, sweepExpired } from './table.ts';

const REGION = 'us-east-1';
const ACCOUNT = '000000000000';
const TABLE = 'lamplighter';
const SWEEP_EVERY_MS = 3_600_000;

/** How each queue is worked off, in the numbers that the stack uses too. */
const queues = {
  probe: { batchSize: 1, concurrency: 4, timeoutSeconds: 50, visibilitySeconds: 60 },
  restart: { batchSize: 1, concurrency: 4, timeoutSeconds: 15, visibilitySeconds: 30 },
  alert: { batchSize: 10, concurrency: 4, timeoutSeconds: 15, visibilitySeconds: 30 },
} as const;
type QueueName = keyof typeof queues;

export type Cloud = Readonly<{
  apiUrl: string;
  awsUrl: string;
  topicArn: string;
  /** Begins the rounds. */
  startRounds(): void;
  /** Stops rounds, pollers, servers and local services, in that order. */
  stop(): Promise<void>;
}>;

export type CloudOptions = Readonly<{
  settings: Settings;
  print: (text: string) => void;
  onError: (error: unknown) => void;
}>;

export async function startCloud({ settings, print, onError }: CloudOptions): Promise<Cloud> {
  const { dataDir, config } = settings;
  await mkdir(dataDir, { recursive: true });
  const storage = await openStorage(join(dataDir, 'cloud'));
  let awsUrl = '';
  const origin = () => awsUrl;
  const engine = dynalite({ path: join(dataDir, 'dynamodb'), createTableMs: 0, updateTableMs: 0, deleteTableMs: 0 });
  const sqs = await openSqs({ storage, origin, region: REGION });
  const sns = await openSns({
    storage,
    origin,
    region: REGION,
    from: 'no-reply@sns.local',
    print,
    sendToQueue: sqs.sendToArn,
  });
  const ecs = createLocalEcs({ storage, config: config.ecs.services, dataDir, print });
  const ssm = createLocalSsm({ storage, config: config.ssm, dataDir, documents: standardDocuments });
  const aws = awsServer({
    json: [sqs.service, ecs.service, ssm.service],
    query: sns.query,
    dynamodb: (request, response) => engine.emit('request', request, response),
  });
  awsUrl = await listen(aws, settings.awsPort);
  pointSdkAt(awsUrl);
  await ensureTable(TABLE);
  const queueUrls = await makeQueues();
  const topicArn = await sns.configure('lamplighter-alerts', config.sns.subscribers);
  describeTo(process.env, settings, queueUrls, topicArn);
  await sns.resume();
  await ecs.start();
  await ssm.start();

  const functions = await loadFunctions();
  let scheduler: Scheduler | undefined;
  const gateway = httpGateway(functions.api, (routeKey, status) => {
    // A service that was registered in the middle of a minute is not kept waiting for the next one.
    if (status < 300 && (routeKey === 'POST /services' || routeKey === 'PUT /services/{id}')) scheduler?.soon();
  });
  const apiUrl = await listen(gateway, settings.port);
  const client = new SQSClient({});
  const names: readonly QueueName[] = ['probe', 'restart', 'alert'];
  const pollers = names.map((name) =>
    startPoller({
      client,
      queueUrl: queueUrls[name],
      queueArn: queueArn(name),
      ...queues[name],
      invoke: functions[name],
      onError,
    }),
  );
  const sweeper = setInterval(() => void sweepExpired(TABLE, Date.now()).catch(onError), SWEEP_EVERY_MS);

  return {
    apiUrl,
    awsUrl,
    topicArn,
    startRounds() {
      scheduler ??= startScheduler(functions.schedule, onError);
    },
    async stop() {
      scheduler?.stop();
      clearInterval(sweeper);
      await close(gateway);
      await Promise.all(pollers.map((poller) => poller.stop()));
      await ecs.stop();
      await ssm.stop();
      await sns.close();
      sqs.close();
      client.destroy();
      await close(aws);
      await new Promise<void>((resolve) => engine.close(() => resolve()));
      await storage.close();
    },
  };
}

/** Sends the SDK to this machine, service by service, unless the environment names another endpoint for it. */
function pointSdkAt(awsUrl: string): void {
  for (const service of ['DYNAMODB', 'SQS', 'SNS', 'ECS', 'SSM']) process.env[`AWS_ENDPOINT_URL_${service}`] ??= awsUrl;
  process.env['AWS_REGION'] ??= REGION;
  process.env['AWS_EC2_METADATA_DISABLED'] ??= 'true';
  if (process.env['AWS_PROFILE'] !== undefined) return;
  process.env['AWS_ACCESS_KEY_ID'] ??= 'local';
  process.env['AWS_SECRET_ACCESS_KEY'] ??= 'local';
}

const queueArn = (name: string) => `arn:aws:sqs:${REGION}:${ACCOUNT}:lamplighter-${name}`;

async function makeQueues(): Promise<Record<QueueName, string>> {
  const client = new SQSClient({});
  const make = async (name: QueueName) => {
    await client.send(new CreateQueueCommand({ QueueName: `lamplighter-${name}-dead` }));
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: queueArn(`${name}-dead`), maxReceiveCount: 5 });
    const Attributes = { VisibilityTimeout: String(queues[name].visibilitySeconds), RedrivePolicy };
    const { QueueUrl = '' } = await client.send(
      new CreateQueueCommand({ QueueName: `lamplighter-${name}`, Attributes }),
    );
    return QueueUrl;
  };
  const [probe, restart, alert] = await Promise.all([make('probe'), make('restart'), make('alert')]);
  client.destroy();
  return { probe, restart, alert };
}

/** The environment that the stack would give the functions. */
function describeTo(
  env: Record<string, string | undefined>,
  { config, minIntervalSeconds }: Settings,
  queueUrls: Record<QueueName, string>,
  topicArn: string,
): void {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  Object.assign(env, {
    LAMPLIGHTER_TABLE: TABLE,
    LAMPLIGHTER_SHARDS: String(DEFAULT_SHARDS),
    LAMPLIGHTER_PROBE_QUEUE_URL: queueUrls.probe,
    LAMPLIGHTER_RESTART_QUEUE_URL: queueUrls.restart,
    LAMPLIGHTER_ALERT_QUEUE_URL: queueUrls.alert,
    LAMPLIGHTER_TOPIC_ARN: topicArn,
    LAMPLIGHTER_ALLOWED_RANGES: ['127.0.0.0/8', '::1/128', ...config.allowedRanges].join(','),
    LAMPLIGHTER_DOCUMENTS: STANDARD_DOCUMENTS.join(','),
    LAMPLIGHTER_MAX_IN_FLIGHT: '100',
    LAMPLIGHTER_RETENTION_DAYS: '30',
    LAMPLIGHTER_MIN_INTERVAL_SECONDS: String(minIntervalSeconds),
    LAMPLIGHTER_BUILD: JSON.stringify({
      version,
      commit: env['LAMPLIGHTER_COMMIT'] ?? 'local',
      builtAt: new Date().toISOString(),
    }),
    // Metrics are for CloudWatch; here they would only hide what people want to read.
    POWERTOOLS_METRICS_DISABLED: env['POWERTOOLS_METRICS_DISABLED'] ?? 'true',
    POWERTOOLS_LOG_LEVEL: env['POWERTOOLS_LOG_LEVEL'] ?? 'WARN',
  });
}

/** The handlers as Lambda loads them, after the environment is complete. */
async function loadFunctions() {
  const [schedule, probe, restart, alert, api] = await Promise.all([
    import('../lambdas/schedule/handler.ts'),
    import('../lambdas/probe/handler.ts'),
    import('../lambdas/restart/handler.ts'),
    import('../lambdas/alert/handler.ts'),
    import('../lambdas/api/handler.ts'),
  ]);
  const worker =
    (name: QueueName, handler: typeof probe.handler) =>
    (event: SQSEvent): Promise<SQSBatchResponse> =>
      handler(event, lambdaContext(name, queues[name].timeoutSeconds));
  return {
    schedule: (scheduledTime: string) => schedule.handler({ scheduledTime }, lambdaContext('schedule', 15)),
    probe: worker('probe', probe.handler),
    restart: worker('restart', restart.handler),
    alert: worker('alert', alert.handler),
    api: (event: Parameters<typeof api.handler>[0]) => api.handler(event, lambdaContext('api', 15)),
  };
}

/** Binds to loopback only: nothing here asks who is there. */
async function listen(server: Server, port: number): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve());
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('a server without a port');
  return `http://127.0.0.1:${address.port}`;
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise<void>((resolve) => server.close(() => resolve()));
}
