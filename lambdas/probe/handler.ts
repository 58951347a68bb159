// Called by a probe queue: the public one, and beside it, in a deployment with a VPC, that of the prober inside it.
// Reaches the network; holds no right to restart or to publish. No rules here.
import { SQSClient } from '@aws-sdk/client-sqs';
import { SSMClient } from '@aws-sdk/client-ssm';

import { openTable } from '../adapters/dynamo-client.ts';
import { createDynamoFleetStore } from '../adapters/dynamo-fleet-store.ts';
import { createDynamoResultStore } from '../adapters/dynamo-result-store.ts';
import { createDynamoServiceStore } from '../adapters/dynamo-service-store.ts';
import { createDynamoTargetIndex } from '../adapters/dynamo-target-index.ts';
import { createEmfMetrics } from '../adapters/emf-metrics.ts';
import { createPowertoolsLog } from '../adapters/powertools-log.ts';
import { createProber } from '../adapters/service-prober.ts';
import { createSqsOutbox } from '../adapters/sqs-outbox.ts';
import { createSqsProbeQueue } from '../adapters/sqs-probe-queue.ts';
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
  return {
    network: env.LAMPLIGHTER_NETWORK,
    elsewhere: other === '' ? undefined : createSqsProbeQueue({ client, probeQueueUrl: other }),
    services: createDynamoServiceStore({ table, shards: env.LAMPLIGHTER_SHARDS, log: log() }),
    fleet: createDynamoFleetStore(table),
    targets: createDynamoTargetIndex(table),
    results: createDynamoResultStore(table),
    outbox: createSqsOutbox({
      client,
      probeQueueUrl: env.LAMPLIGHTER_PROBE_QUEUE_URL,
      restartQueueUrl: env.LAMPLIGHTER_RESTART_QUEUE_URL,
      alertQueueUrl: env.LAMPLIGHTER_ALERT_QUEUE_URL,
      clock: systemClock,
    }),
    prober: createProber({ allowedRanges: env.LAMPLIGHTER_ALLOWED_RANGES, secrets, clock: systemClock }),
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
