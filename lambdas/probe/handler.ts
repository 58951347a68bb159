// Called by a probe queue: that of the public prober, of the one inside the VPC, or of the one for ECS. Reaches the
// network; holds no right to restart or to publish, and only the last may ask ECS. No rules here.
import { ECSClient } from '@aws-sdk/client-ecs';
import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';

import { openTable } from '../adapters/dynamo-client.ts';
import { createDynamoFleetStore } from '../adapters/dynamo-fleet-store.ts';
import { createDynamoResultStore } from '../adapters/dynamo-result-store.ts';
import { createDynamoServiceStore } from '../adapters/dynamo-service-store.ts';
import { createDynamoStormStore } from '../adapters/dynamo-storm-store.ts';
import { createDynamoTargetIndex } from '../adapters/dynamo-target-index.ts';
import { createEcsServiceState } from '../adapters/ecs-service-state.ts';
import { createEmfMetrics } from '../adapters/emf-metrics.ts';
import { createPowertoolsLog } from '../adapters/powertools-log.ts';
import { createRequestCounter } from '../adapters/request-counter.ts';
import { createProber, proberTools } from '../adapters/service-prober.ts';
import { createSqsOutbox } from '../adapters/sqs-outbox.ts';
import { createSqsProbeQueue } from '../adapters/sqs-probe-queue.ts';
import { createSqsStormQueue } from '../adapters/sqs-storm-queue.ts';
import { ssmSecretSource } from '../adapters/ssm-secret-source.ts';
import { systemClock, systemJitter } from '../adapters/system-clock.ts';
import { functionEnv } from '../contract/env.ts';
import { eachRecord } from '../runtime/each-record.ts';
import { lazy } from '../runtime/lazy.ts';
import { probeMessageSchema } from '../runtime/message-schemas.ts';
import { DAY_MS, readEnv } from '../runtime/read-env.ts';
import { probeConcerned } from './probe-concerned.ts';
import { probeOne } from './probe-one.ts';
import { probePack } from './probe-pack.ts';

const log = lazy(() => createPowertoolsLog('probe'));
const metrics = createEmfMetrics();
const ports = lazy(() => {
  const env = readEnv(functionEnv.probe, process.env);
  const table = openTable(env.LAMPLIGHTER_TABLE);
  const secrets = ssmSecretSource(new SSMClient({}), systemClock);
  const client = new SQSClient({});
  const other = env.LAMPLIGHTER_OTHER_PROBE_QUEUE_URL;
  const ecsQueueUrl = env.LAMPLIGHTER_ECS_PROBE_QUEUE_URL;
  const seesEcs = env.LAMPLIGHTER_ECS_STATE;
  const ecs = seesEcs ? { state: createEcsServiceState(new ECSClient({})) } : undefined;
  const options = { allowedRanges: env.LAMPLIGHTER_ALLOWED_RANGES, secrets, clock: systemClock, ecs };
  const tools = proberTools(options);
  return {
    network: env.LAMPLIGHTER_NETWORK,
    elsewhere: other === '' ? undefined : createSqsProbeQueue({ client, probeQueueUrl: other }),
    ecsQueue: ecsQueueUrl === '' ? undefined : createSqsProbeQueue({ client, probeQueueUrl: ecsQueueUrl }),
    seesEcs,
    services: createDynamoServiceStore({ table, shards: env.LAMPLIGHTER_SHARDS, log: log() }),
    fleet: createDynamoFleetStore(table),
    storms: createDynamoStormStore(table),
    stormQueue: createSqsStormQueue({ client, alertQueueUrl: env.LAMPLIGHTER_ALERT_QUEUE_URL }),
    stormRules: env.LAMPLIGHTER_STORM,
    targets: createDynamoTargetIndex(table),
    results: createDynamoResultStore(table),
    outbox: createSqsOutbox({
      client,
      probeQueueUrl: env.LAMPLIGHTER_PROBE_QUEUE_URL,
      restartQueueUrl: env.LAMPLIGHTER_RESTART_QUEUE_URL,
      alertQueueUrl: env.LAMPLIGHTER_ALERT_QUEUE_URL,
      clock: systemClock,
    }),
    prober: createProber(options, tools),
    requests: createRequestCounter(tools),
    clock: systemClock,
    jitter: systemJitter,
    log: log(),
    metrics,
    maxInFlight: env.LAMPLIGHTER_MAX_IN_FLIGHT,
    retentionMs: env.LAMPLIGHTER_RETENTION_DAYS * DAY_MS,
  };
});

export const handler = eachRecord(
  probeMessageSchema,
  (message, { signal }) => {
    switch (message.kind) {
      case 'pack':
        return probePack(message, ports(), signal);
      case 'check':
        return probeOne(message, ports(), signal);
      case 'state_change':
        return probeConcerned(message, ports(), signal);
    }
  },
  log,
  metrics.flush,
);
