// The real stores on a fresh table of the embedded engine.
import { createDynamoAlertWindows } from '../../lambdas/adapters/dynamo-alert-windows.ts';
import { createDynamoAuditLog } from '../../lambdas/adapters/dynamo-audit-log.ts';
import type { Table } from '../../lambdas/adapters/dynamo-client.ts';
import { createDynamoDriftStore } from '../../lambdas/adapters/dynamo-drift-store.ts';
import { createDynamoFleetStore } from '../../lambdas/adapters/dynamo-fleet-store.ts';
import { createDynamoResultStore } from '../../lambdas/adapters/dynamo-result-store.ts';
import { createDynamoRollupStore } from '../../lambdas/adapters/dynamo-rollup-store.ts';
import { createDynamoServiceStore } from '../../lambdas/adapters/dynamo-service-store.ts';
import { createDynamoStormStore } from '../../lambdas/adapters/dynamo-storm-store.ts';
import { createDynamoTargetIndex } from '../../lambdas/adapters/dynamo-target-index.ts';
import { createDynamoTimeline } from '../../lambdas/adapters/dynamo-timeline.ts';
import type { Log } from '../../lambdas/ports/process.ts';
import { fakeLog } from '../fakes/fake-log.ts';
import type { Stores } from '../fakes/fake-stores.ts';

export const openStores = (table: Table, shards: number, log: Log = fakeLog()): Stores => ({
  services: createDynamoServiceStore({ table, shards, log }),
  fleet: createDynamoFleetStore(table),
  results: createDynamoResultStore(table),
  timeline: createDynamoTimeline(table),
  rollups: createDynamoRollupStore(table),
  targets: createDynamoTargetIndex(table),
  drift: createDynamoDriftStore(table),
  storms: createDynamoStormStore(table),
  windows: createDynamoAlertWindows(table),
  audit: createDynamoAuditLog(table, 86_400_000),
});
