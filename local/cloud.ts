// Lamplighter on one machine: the same handlers, with loopback endpoints that speak AWS's wire protocols in place of
// the services. A composition root: only the programs beside it import it.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import dynalite from 'dynalite';

import { NO_SMS } from '../lambdas/contract/alert-formats.ts';
import { standardDocuments } from '../lib/documents.ts';
import { localEcr } from './aws/ecr.ts';
import { createLocalEcs } from './aws/ecs/ecs.ts';
import { nameOf, openEvents } from './aws/events.ts';
import type { Listener } from './aws/sns/config.ts';
import { openSns } from './aws/sns/sns.ts';
import { openSqs } from './aws/sqs/sqs.ts';
import { createLocalSsm } from './aws/ssm/ssm.ts';
import { awsServer } from './aws/wire.ts';
import { describeTo, pointSdkAt, REGION, TABLE } from './cloud-environment.ts';
import { httpGateway } from './http-gateway.ts';
import { loadFunctions } from './local-functions.ts';
import { close, listen } from './loopback-server.ts';
import { queueLimits, queueNames } from './queue-limits.ts';
import { startPoller } from './queue-poller.ts';
import { listenersOf, openReceivers } from './receivers.ts';
import { startRepeating } from './repeating.ts';
import { type Scheduler, startScheduler } from './scheduler.ts';
import type { Settings } from './settings.ts';
import { openStorage } from './storage.ts';
import { ensureTable, sweepExpired } from './table.ts';
import { makeQueues, queueArn } from './work-queues.ts';

const SWEEP_EVERY_MS = 3_600_000;
/** As in the stack. */
const DISCOVER_EVERY_MS = 300_000;
/** A run that finds no complete hour costs one query; more often than in the stack, because the machine may sleep. */
const ROLL_UP_EVERY_MS = 600_000;

export type Cloud = Readonly<{
  apiUrl: string;
  awsUrl: string;
  topicArn: string;
  /** Starts the rounds. */
  startRounds(): void;
  /** Stops rounds, pollers, servers and local services, in that order. */
  stop(): Promise<void>;
}>;

export type CloudOptions = Readonly<{
  settings: Settings;
  print: (text: string) => void;
  onError: (error: unknown) => void;
}>;

/** Rejects with `FolderInUseError` if another process holds the data folder, and with EADDRINUSE if a port is taken. */
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
  // As the rules of the stack do: an event is put on the probe queue as it is.
  const emit = async (event: object) => {
    await client.send(new SendMessageCommand({ QueueUrl: queueUrls.probe, MessageBody: JSON.stringify(event) }));
  };
  const { eventBus } = config.alerts;
  const events = await openEvents({ storage, buses: eventBus === undefined ? [] : [nameOf(eventBus)], print });
  const digestOf = (image: string) => config.ecs.images[image];
  const ecs = createLocalEcs({ storage, config: config.ecs.services, dataDir, print, emit, digestOf });
  const ssm = createLocalSsm({ storage, config: config.ssm, dataDir, documents: standardDocuments });
  const aws = awsServer({
    json: [sqs.service, ecs.service, localEcr(digestOf), ssm.service, events.service],
    query: sns.query,
    get: events.get,
    dynamodb: (request, response) => engine.emit('request', request, response),
  });
  awsUrl = await listen(aws, settings.awsPort);
  pointSdkAt(awsUrl, process.env);
  await ensureTable(TABLE);
  const client = new SQSClient({});
  const queueUrls = await makeQueues(client);
  const receivers = await openReceivers(client, config.alerts.webhooks, onError);
  const listeners = [...config.sns.subscribers.map(withinLimit), ...listenersOf(config.alerts.webhooks)];
  const topicArn = await sns.configure('lamplighter-alerts', listeners);
  describeTo(process.env, settings, queueUrls, topicArn);

  const functions = await loadFunctions();
  let scheduler: Scheduler | undefined;
  const repeated: ReturnType<typeof startRepeating>[] = [];
  const discover = async () => {
    await functions.discover();
    scheduler?.soon();
  };
  const gateway = httpGateway(functions.api, (routeKey, status) => {
    // A service that was registered in the middle of a minute does not have to wait for the next one.
    if (status < 300 && (routeKey === 'POST /services' || routeKey === 'PUT /services/{id}')) scheduler?.soon();
  });
  const apiUrl = await listen(gateway, settings.port);
  process.env['LAMPLIGHTER_API_URL'] = apiUrl;
  // Not before both ports are ours: a failed start must leave no local service behind.
  await sns.resume();
  await ecs.start();
  await ssm.start();
  const pollers = queueNames.map((name) =>
    startPoller({
      client,
      queueUrl: queueUrls[name],
      queueArn: queueArn(name),
      ...queueLimits[name],
      invoke: functions[name],
      onError,
    }),
  );
  pollers.push(...(await receivers.start()));
  const sweeper = setInterval(() => void sweepExpired(TABLE, Date.now()).catch(onError), SWEEP_EVERY_MS);

  return {
    apiUrl,
    awsUrl,
    topicArn,
    startRounds() {
      if (scheduler) return;
      scheduler = startScheduler(functions.schedule, onError);
      repeated.push(startRepeating(functions.rollup, ROLL_UP_EVERY_MS, onError));
      if (config.discovery.clusters.length > 0) repeated.push(startRepeating(discover, DISCOVER_EVERY_MS, onError));
    },
    async stop() {
      scheduler?.stop();
      await Promise.all(repeated.map((each) => each.stop()));
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

/** As in the stack's subscriptions: text messages only as long as the month's limit is not reached. */
const withinLimit = (subscriber: Listener): Listener =>
  subscriber.protocol === 'sms'
    ? { ...subscriber, filterPolicy: { ...subscriber.filterPolicy, [NO_SMS]: [{ exists: false }] } }
    : subscriber;
