// Called by API Gateway (HTTP API, payload 2.0). Turns the event into a request; the routes do the rest.
import { SQSClient } from '@aws-sdk/client-sqs';

import { createDynamoAlertWindows } from '../adapters/dynamo-alert-windows.ts';
import { createDynamoAuditLog } from '../adapters/dynamo-audit-log.ts';
import { openTable } from '../adapters/dynamo-client.ts';
import { createDynamoDriftStore } from '../adapters/dynamo-drift-store.ts';
import { createDynamoFleetStore } from '../adapters/dynamo-fleet-store.ts';
import { createDynamoResultStore } from '../adapters/dynamo-result-store.ts';
import { createDynamoRollupStore } from '../adapters/dynamo-rollup-store.ts';
import { createDynamoServiceStore } from '../adapters/dynamo-service-store.ts';
import { createDynamoTargetIndex } from '../adapters/dynamo-target-index.ts';
import { createDynamoTimeline } from '../adapters/dynamo-timeline.ts';
import { createPowertoolsLog } from '../adapters/powertools-log.ts';
import { createSqsOutbox } from '../adapters/sqs-outbox.ts';
import { createSqsProbeQueue } from '../adapters/sqs-probe-queue.ts';
import { systemClock, systemJitter } from '../adapters/system-clock.ts';
import { functionEnv } from '../contract/env.ts';
import { routes } from '../contract/routes.ts';
import { httpEntry } from '../runtime/http-entry.ts';
import { lazy } from '../runtime/lazy.ts';
import { limitsOf } from '../runtime/limits.ts';
import { DAY_MS, readEnv } from '../runtime/read-env.ts';
import { fault } from './request.ts';
import { routeTable } from './routes.ts';

const log = lazy(() => createPowertoolsLog('api'));
const ports = lazy(() => {
  const env = readEnv(functionEnv.api, process.env);
  const table = openTable(env.LAMPLIGHTER_TABLE);
  const client = new SQSClient({});
  return {
    services: createDynamoServiceStore({ table, shards: env.LAMPLIGHTER_SHARDS, log: log() }),
    fleet: createDynamoFleetStore(table),
    targets: createDynamoTargetIndex(table),
    results: createDynamoResultStore(table),
    timeline: createDynamoTimeline(table),
    rollups: createDynamoRollupStore(table),
    drift: createDynamoDriftStore(table),
    windows: createDynamoAlertWindows(table),
    discoveryClusters: env.LAMPLIGHTER_DISCOVERY_CLUSTERS,
    audit: createDynamoAuditLog(table, env.LAMPLIGHTER_AUDIT_RETENTION_DAYS * DAY_MS),
    probeQueue: createSqsProbeQueue({ client, probeQueueUrl: env.LAMPLIGHTER_PROBE_QUEUE_URL }),
    outbox: createSqsOutbox({
      client,
      probeQueueUrl: env.LAMPLIGHTER_PROBE_QUEUE_URL,
      restartQueueUrl: env.LAMPLIGHTER_RESTART_QUEUE_URL,
      alertQueueUrl: env.LAMPLIGHTER_ALERT_QUEUE_URL,
      clock: systemClock,
    }),
    clock: systemClock,
    jitter: systemJitter,
    log: log(),
    shards: env.LAMPLIGHTER_SHARDS,
    retentionMs: env.LAMPLIGHTER_RETENTION_DAYS * DAY_MS,
    maxRestarts: env.LAMPLIGHTER_MAX_RESTARTS,
    limits: limitsOf(env),
    build: env.LAMPLIGHTER_BUILD,
  };
});

export const handler = httpEntry(
  async (request, { signal, requestId }) => {
    const routeKey = routes.find((route) => route === request.routeKey);
    if (!routeKey) return fault(404, 'NO_SUCH_ROUTE', 'there is no such route; see GET /openapi.json');
    return await routeTable[routeKey]({ ...request, routeKey, requestId }, ports(), signal);
  },
  log,
  () => undefined,
);
