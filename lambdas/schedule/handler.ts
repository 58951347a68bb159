// Called by EventBridge Scheduler, once a minute. Packs the round; no rules here.
import { SQSClient } from '@aws-sdk/client-sqs';

import { openTable } from '../adapters/dynamo-client.ts';
import { createDynamoFleetStore } from '../adapters/dynamo-fleet-store.ts';
import { createEmfMetrics } from '../adapters/emf-metrics.ts';
import { createPowertoolsLog } from '../adapters/powertools-log.ts';
import { createSqsProbeQueue } from '../adapters/sqs-probe-queue.ts';
import { systemClock } from '../adapters/system-clock.ts';
import { functionEnv } from '../contract/env.ts';
import { scheduled } from '../runtime/entry.ts';
import { lazy } from '../runtime/lazy.ts';
import { readEnv } from '../runtime/read-env.ts';
import { packRound } from './pack-round.ts';
import { roundTimeOf, tickSchema } from './tick.ts';

const metrics = createEmfMetrics();
const ports = lazy(() => {
  const env = readEnv(functionEnv.schedule, process.env);
  const client = new SQSClient({});
  const other = env.LAMPLIGHTER_OTHER_PROBE_QUEUE_URL;
  const ecs = env.LAMPLIGHTER_ECS_PROBE_QUEUE_URL;
  return {
    fleet: createDynamoFleetStore(openTable(env.LAMPLIGHTER_TABLE)),
    queue: createSqsProbeQueue({ client, probeQueueUrl: env.LAMPLIGHTER_PROBE_QUEUE_URL }),
    privateQueue: other === '' ? undefined : createSqsProbeQueue({ client, probeQueueUrl: other }),
    ecsQueue: ecs === '' ? undefined : createSqsProbeQueue({ client, probeQueueUrl: ecs }),
    clock: systemClock,
    metrics,
  };
});

/** Once per container: a warning with every tick would bury everything else in the log. */
const warnOfPlaceholder = lazy(() =>
  createPowertoolsLog('schedule').warn('the tick bears no time; rounds are named by the minute of its arrival'),
);

export const handler = scheduled(
  tickSchema,
  (tick, { requestId, signal }) =>
    packRound(roundTimeOf(tick, systemClock, warnOfPlaceholder), requestId, ports(), signal),
  metrics.flush,
);
