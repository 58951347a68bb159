// Called by the restart queue. Holds the rights to restart; never fetches a URL. No rules here.
import { ECRClient } from '@aws-sdk/client-ecr';
import { ECSClient } from '@aws-sdk/client-ecs';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';

import { openTable } from '../adapters/dynamo-client.ts';
import { createDynamoFleetStore } from '../adapters/dynamo-fleet-store.ts';
import { createDynamoServiceStore } from '../adapters/dynamo-service-store.ts';
import { createDynamoStormStore } from '../adapters/dynamo-storm-store.ts';
import { createDynamoTargetIndex } from '../adapters/dynamo-target-index.ts';
import { createEcrImageSource } from '../adapters/ecr-image-source.ts';
import { createEcsRestarter } from '../adapters/ecs-restarter.ts';
import { createPowertoolsLog } from '../adapters/powertools-log.ts';
import { createSqsOutbox } from '../adapters/sqs-outbox.ts';
import { createSqsRestartQueue } from '../adapters/sqs-restart-queue.ts';
import { createSsmRestarter } from '../adapters/ssm-restarter.ts';
import { systemClock, systemJitter } from '../adapters/system-clock.ts';
import { functionEnv } from '../contract/env.ts';
import { eachRecord } from '../runtime/each-record.ts';
import { lazy } from '../runtime/lazy.ts';
import { restartMessageSchema } from '../runtime/message-schemas.ts';
import { readEnv } from '../runtime/read-env.ts';
import { restartStep } from './restart-step.ts';

const log = lazy(() => createPowertoolsLog('restart'));
const ports = lazy(() => {
  const env = readEnv(functionEnv.restart, process.env);
  const sqs = new SQSClient({});
  const table = openTable(env.LAMPLIGHTER_TABLE);
  return {
    services: createDynamoServiceStore({ table, shards: env.LAMPLIGHTER_SHARDS, log: log() }),
    fleet: createDynamoFleetStore(table),
    storms: createDynamoStormStore(table),
    stormRules: env.LAMPLIGHTER_STORM,
    maxRestarts: env.LAMPLIGHTER_MAX_RESTARTS,
    targets: createDynamoTargetIndex(table),
    outbox: createSqsOutbox({
      client: sqs,
      probeQueueUrl: env.LAMPLIGHTER_PROBE_QUEUE_URL,
      restartQueueUrl: env.LAMPLIGHTER_RESTART_QUEUE_URL,
      alertQueueUrl: env.LAMPLIGHTER_ALERT_QUEUE_URL,
      clock: systemClock,
    }),
    queue: createSqsRestartQueue({ client: sqs, restartQueueUrl: env.LAMPLIGHTER_RESTART_QUEUE_URL }),
    restarters: {
      ecs: createEcsRestarter({ client: new ECSClient({}), images: createEcrImageSource(new ECRClient({})) }),
      ssm: createSsmRestarter({ client: new SSMClient({}), documents: env.LAMPLIGHTER_DOCUMENTS }),
    },
    clock: systemClock,
    jitter: systemJitter,
    log: log(),
  };
});

export const handler = eachRecord(
  restartMessageSchema,
  (message, { signal }) => restartStep(message, ports(), signal),
  log,
  () => undefined,
);
