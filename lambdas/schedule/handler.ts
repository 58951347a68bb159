// Called by EventBridge Scheduler, once a minute. Packs the round; no rules here.
import { SQSClient } from '@aws-sdk/client-sqs';
import * as z from 'zod/mini';

import { openTable } from '../adapters/dynamo-client.ts';
import { createDynamoFleetStore } from '../adapters/dynamo-fleet-store.ts';
import { createEmfMetrics } from '../adapters/emf-metrics.ts';
import { createSqsProbeQueue } from '../adapters/sqs-probe-queue.ts';
import { systemClock } from '../adapters/system-clock.ts';
import { functionEnv } from '../contract/env.ts';
import { scheduled } from '../runtime/entry.ts';
import { lazy } from '../runtime/lazy.ts';
import { readEnv } from '../runtime/read-env.ts';
import { packRound } from './pack-round.ts';

/** The schedule's input: `<aws.scheduler.scheduled-time>`. Never the time of arrival, which may be late. */
const tickSchema = z.object({ scheduledTime: z.iso.datetime() });

const metrics = createEmfMetrics();
const ports = lazy(() => {
  const env = readEnv(functionEnv.schedule, process.env);
  return {
    fleet: createDynamoFleetStore(openTable(env.LAMPLIGHTER_TABLE)),
    queue: createSqsProbeQueue({ client: new SQSClient({}), probeQueueUrl: env.LAMPLIGHTER_PROBE_QUEUE_URL }),
    clock: systemClock,
    metrics,
  };
});

export const handler = scheduled(
  tickSchema,
  ({ scheduledTime }, { requestId, signal }) => packRound(Date.parse(scheduledTime), requestId, ports(), signal),
  metrics.flush,
);
