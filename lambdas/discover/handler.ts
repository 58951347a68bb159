// Called by EventBridge Scheduler every five minutes, where the settings name clusters. Looks at ECS and at load
// balancers, and changes nothing there; what it finds it registers.
import { ECSClient } from '@aws-sdk/client-ecs';
import { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod/mini';

import { createDynamoAuditLog } from '../adapters/dynamo-audit-log.ts';
import { openTable } from '../adapters/dynamo-client.ts';
import { createDynamoDriftStore } from '../adapters/dynamo-drift-store.ts';
import { createDynamoFleetStore } from '../adapters/dynamo-fleet-store.ts';
import { createDynamoServiceStore } from '../adapters/dynamo-service-store.ts';
import { createDynamoTargetIndex } from '../adapters/dynamo-target-index.ts';
import { createDynamoTimeline } from '../adapters/dynamo-timeline.ts';
import { createEcsInventory } from '../adapters/ecs-inventory.ts';
import { createElbBalancers } from '../adapters/elb-balancers.ts';
import { createPowertoolsLog } from '../adapters/powertools-log.ts';
import { createSqsProbeQueue } from '../adapters/sqs-probe-queue.ts';
import { systemClock } from '../adapters/system-clock.ts';
import { functionEnv } from '../contract/env.ts';
import { scheduled } from '../runtime/entry.ts';
import { lazy } from '../runtime/lazy.ts';
import { limitsOf } from '../runtime/limits.ts';
import { DAY_MS, readEnv } from '../runtime/read-env.ts';
import { discover } from './discover.ts';

const ports = lazy(() => {
  const env = readEnv(functionEnv.discover, process.env);
  const table = openTable(env.LAMPLIGHTER_TABLE);
  const log = createPowertoolsLog('discover');
  return {
    ecs: createEcsInventory(new ECSClient({})),
    balancers: createElbBalancers(new ElasticLoadBalancingV2Client({})),
    drift: createDynamoDriftStore(table),
    clusters: env.LAMPLIGHTER_DISCOVERY_CLUSTERS,
    restartTag: env.LAMPLIGHTER_RESTART_TAG,
    services: createDynamoServiceStore({ table, shards: env.LAMPLIGHTER_SHARDS, log }),
    fleet: createDynamoFleetStore(table),
    audit: createDynamoAuditLog(table, env.LAMPLIGHTER_AUDIT_RETENTION_DAYS * DAY_MS),
    targets: createDynamoTargetIndex(table),
    timeline: createDynamoTimeline(table),
    retentionMs: env.LAMPLIGHTER_RETENTION_DAYS * DAY_MS,
    probeQueue: createSqsProbeQueue({ client: new SQSClient({}), probeQueueUrl: env.LAMPLIGHTER_PROBE_QUEUE_URL }),
    clock: systemClock,
    log,
    shards: env.LAMPLIGHTER_SHARDS,
    limits: limitsOf(env),
  };
});

/** The scheduled time does not matter: only the present state counts. */
export const handler = scheduled(
  z.object({}),
  (_event, { requestId, signal }) => discover(ports(), { by: 'discovery', correlationId: requestId, signal }),
  () => undefined,
);
