// Called by CloudFormation, for `watch()` in somebody's stack. Registers and removes; holds no other right.
import { SQSClient } from '@aws-sdk/client-sqs';

import { createDynamoAuditLog } from '../adapters/dynamo-audit-log.ts';
import { openTable } from '../adapters/dynamo-client.ts';
import { createDynamoFleetStore } from '../adapters/dynamo-fleet-store.ts';
import { createDynamoServiceStore } from '../adapters/dynamo-service-store.ts';
import { createDynamoTargetIndex } from '../adapters/dynamo-target-index.ts';
import { createDynamoTimeline } from '../adapters/dynamo-timeline.ts';
import { createPowertoolsLog } from '../adapters/powertools-log.ts';
import { createSqsProbeQueue } from '../adapters/sqs-probe-queue.ts';
import { systemClock } from '../adapters/system-clock.ts';
import { functionEnv } from '../contract/env.ts';
import { lazy } from '../runtime/lazy.ts';
import { limitsOf } from '../runtime/limits.ts';
import { DAY_MS, readEnv } from '../runtime/read-env.ts';
import { stackEntry } from '../runtime/stack-entry.ts';
import { followStack, type StackRequest } from './follow-stack.ts';

const log = lazy(() => createPowertoolsLog('register'));
const ports = lazy(() => {
  const env = readEnv(functionEnv.register, process.env);
  const table = openTable(env.LAMPLIGHTER_TABLE);
  return {
    services: createDynamoServiceStore({ table, shards: env.LAMPLIGHTER_SHARDS, log: log() }),
    fleet: createDynamoFleetStore(table),
    audit: createDynamoAuditLog(table, env.LAMPLIGHTER_AUDIT_RETENTION_DAYS * DAY_MS),
    targets: createDynamoTargetIndex(table),
    timeline: createDynamoTimeline(table),
    retentionMs: env.LAMPLIGHTER_RETENTION_DAYS * DAY_MS,
    probeQueue: createSqsProbeQueue({ client: new SQSClient({}), probeQueueUrl: env.LAMPLIGHTER_PROBE_QUEUE_URL }),
    clock: systemClock,
    log: log(),
    shards: env.LAMPLIGHTER_SHARDS,
    limits: limitsOf(env),
  };
});

export const handler = stackEntry(
  async (event, { signal }) => {
    const [tenant = '', id = ''] = (event.PhysicalResourceId ?? '').split('/');
    const request: StackRequest =
      event.RequestType === 'Delete'
        ? { kind: 'remove', key: { tenant, id } }
        : { kind: 'put', document: JSON.parse(event.ResourceProperties.Document ?? 'null') };
    const key = await followStack(request, ports(), { by: event.StackId, correlationId: event.RequestId, signal });
    return `${key.tenant}/${key.id}`;
  },
  log,
  () => undefined,
);
