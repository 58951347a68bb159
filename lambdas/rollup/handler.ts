// Called by EventBridge Scheduler some minutes after every hour. Reads what is kept of the past, writes its sums, and
// notes in a service's state that it drifts away from its past. It probes and restarts nobody, and speaks to the table
// alone.
import * as z from 'zod/mini';

import { openTable } from '../adapters/dynamo-client.ts';
import { createDynamoFleetStore } from '../adapters/dynamo-fleet-store.ts';
import { createDynamoResultStore } from '../adapters/dynamo-result-store.ts';
import { createDynamoRollupStore } from '../adapters/dynamo-rollup-store.ts';
import { createDynamoServiceStore } from '../adapters/dynamo-service-store.ts';
import { createDynamoTimeline } from '../adapters/dynamo-timeline.ts';
import { createPowertoolsLog } from '../adapters/powertools-log.ts';
import { systemClock } from '../adapters/system-clock.ts';
import { functionEnv } from '../contract/env.ts';
import { scheduled } from '../runtime/entry.ts';
import { lazy } from '../runtime/lazy.ts';
import { DAY_MS, readEnv } from '../runtime/read-env.ts';
import { rollUp } from './roll-up.ts';

const ports = lazy(() => {
  const env = readEnv(functionEnv.rollup, process.env);
  const table = openTable(env.LAMPLIGHTER_TABLE);
  const log = createPowertoolsLog('rollup');
  return {
    services: createDynamoServiceStore({ table, shards: env.LAMPLIGHTER_SHARDS, log }),
    fleet: createDynamoFleetStore(table),
    results: createDynamoResultStore(table),
    timeline: createDynamoTimeline(table),
    rollups: createDynamoRollupStore(table),
    clock: systemClock,
    log,
    resultsKeptMs: env.LAMPLIGHTER_RETENTION_DAYS * DAY_MS,
    rollupsKeptMs: env.LAMPLIGHTER_ROLLUP_RETENTION_DAYS * DAY_MS,
  };
});

/** The scheduled time does not matter: how far the last run has come is in the table. */
export const handler = scheduled(
  z.object({}),
  (_event, { signal }) => rollUp(ports(), signal),
  () => undefined,
);
