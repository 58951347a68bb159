// Called by the alert queue. Writes timelines, publishes to the topic and to the event bus, and sends messages for
// later to its own queue; holds no other right. No rules here.
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { SNSClient } from '@aws-sdk/client-sns';
import { SQSClient } from '@aws-sdk/client-sqs';

import { createDynamoAlertWindows } from '../adapters/dynamo-alert-windows.ts';
import { openTable } from '../adapters/dynamo-client.ts';
import { createDynamoServiceStore } from '../adapters/dynamo-service-store.ts';
import { createDynamoSmsCounter } from '../adapters/dynamo-sms-counter.ts';
import { createDynamoStormStore } from '../adapters/dynamo-storm-store.ts';
import { createDynamoTargetIndex } from '../adapters/dynamo-target-index.ts';
import { createDynamoTimeline } from '../adapters/dynamo-timeline.ts';
import { createEmfMetrics } from '../adapters/emf-metrics.ts';
import { createEventBridgeBus } from '../adapters/eventbridge-event-bus.ts';
import { createPowertoolsLog } from '../adapters/powertools-log.ts';
import { createSnsAlertSink } from '../adapters/sns-alert-sink.ts';
import { createSqsWindowQueue } from '../adapters/sqs-window-queue.ts';
import { systemClock } from '../adapters/system-clock.ts';
import { functionEnv } from '../contract/env.ts';
import { noOutbox } from '../flow/change-service.ts';
import { eachRecord } from '../runtime/each-record.ts';
import { lazy } from '../runtime/lazy.ts';
import { alertMessageSchema } from '../runtime/message-schemas.ts';
import { DAY_MS, readEnv } from '../runtime/read-env.ts';
import { sendAlert } from './send-alert.ts';
import { tellStorm } from './tell-storm.ts';
import { tellWindow } from './tell-window.ts';
import { withinSmsLimit } from './within-sms-limit.ts';

const log = lazy(() => createPowertoolsLog('alert'));
const metrics = createEmfMetrics();
const ports = lazy(() => {
  const env = readEnv(functionEnv.alert, process.env);
  const table = openTable(env.LAMPLIGHTER_TABLE);
  const bus = env.LAMPLIGHTER_EVENT_BUS;
  return {
    services: createDynamoServiceStore({ table, shards: env.LAMPLIGHTER_SHARDS, log: log() }),
    storms: createDynamoStormStore(table),
    timeline: createDynamoTimeline(table),
    targets: createDynamoTargetIndex(table),
    sink: withinSmsLimit(createSnsAlertSink({ client: new SNSClient({}), topicArn: env.LAMPLIGHTER_TOPIC_ARN }), {
      rule: env.LAMPLIGHTER_SMS,
      counter: createDynamoSmsCounter(table),
      place: { apiUrl: env.LAMPLIGHTER_API_URL },
      clock: systemClock,
      log: log(),
    }),
    bus: bus === '' ? undefined : createEventBridgeBus({ client: new EventBridgeClient({}), bus, clock: systemClock }),
    outbox: noOutbox,
    grouping: {
      windows: createDynamoAlertWindows(table),
      queue: createSqsWindowQueue({ client: new SQSClient({}), alertQueueUrl: env.LAMPLIGHTER_ALERT_QUEUE_URL }),
      rules: { groupMs: env.LAMPLIGHTER_GROUP_SECONDS * 1000, quietHours: env.LAMPLIGHTER_QUIET_HOURS },
    },
    place: { apiUrl: env.LAMPLIGHTER_API_URL },
    clock: systemClock,
    log: log(),
    metrics,
    retentionMs: env.LAMPLIGHTER_RETENTION_DAYS * DAY_MS,
  };
});

export const handler = eachRecord(
  alertMessageSchema,
  (message, { signal }) => {
    if (!('kind' in message)) return sendAlert(message, ports(), signal);
    return message.kind === 'window' ? tellWindow(message, ports(), signal) : tellStorm(message, ports(), signal);
  },
  log,
  metrics.flush,
);
