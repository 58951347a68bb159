// Thirty days of minutes of a thousand services, in one-machine mode: how long until `stats?window=30d` is answered,
// over HTTP, through the API function and the real SDK, from the embedded table on disk; and how large the roll-ups
// are. The last day is really recorded and rolled up; the 29 days before it are copies, written by the production
// store.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';

import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient, paginateScan } from '@aws-sdk/lib-dynamodb';

import { openTable } from '../lambdas/adapters/dynamo-client.ts';
import { DEFAULT_SHARDS } from '../lambdas/contract/table.ts';
import { judgeTrends } from '../lambdas/rollup/judge-trends.ts';
import { startCloud } from '../local/cloud.ts';
import { TABLE } from '../local/cloud-environment.ts';
import { readSettings } from '../local/settings.ts';
import { openStores } from '../test/engine/open-stores.ts';
import { fakeLog } from '../test/fakes/fake-log.ts';
import {
  DAY,
  HOUR,
  projectOf,
  recordMinutes,
  recordOutages,
  registerFleet,
  repeatBackwards,
  rollUpAt,
  serviceId,
} from '../test/make/rolled-days.ts';

const SERVICES = Number(process.argv[2] ?? 1_000);
const ROUNDS = 7;
const MONTH_DAYS = 30.4;
const WRITE_UNIT_DOLLARS = 0.625e-6;

const dataDir = mkdtempSync(join(tmpdir(), 'lamplighter-bench-'));
const settings = readSettings({ LAMPLIGHTER_PORT: '0', LAMPLIGHTER_DATA_DIR: dataDir }, {});
const cloud = await startCloud({ settings, print: () => undefined, onError: console.error });
const stores = openStores(openTable(TABLE), DEFAULT_SHARDS);
// The day before yesterday, so that it is complete; the window ends with it.
const start = Math.floor(Date.now() / DAY) * DAY - 2 * DAY;
const past = { stores, shards: DEFAULT_SHARDS, services: SERVICES, start };

const timed = async (what: string, run: () => Promise<void>) => {
  const begun = performance.now();
  await run();
  console.log(`${what}: ${((performance.now() - begun) / 1000).toFixed(1)} s`);
};
await timed(`registered ${SERVICES} services`, () => registerFleet(past));
await timed('recorded 1,440 minutes', async () => {
  await recordMinutes(past, 1_440);
  await recordOutages(past, 24);
});
await timed('rolled up one hour', () => rollUpAt(past, start + HOUR + HOUR / 6));
await timed('rolled up 23 hours', () => rollUpAt(past, start + DAY + HOUR / 6));
await timed('rolled up one hour and the day', () => rollUpAt(past, start + DAY + HOUR + HOUR / 6));
await timed('wrote 29 days more', () => repeatBackwards(past, 29));
const clock = { now: () => start + DAY };
const { signal } = new AbortController();
await timed('judged the trend of every service', () =>
  judgeTrends(start + DAY, { ...stores, clock, log: fakeLog() }, signal),
);

for (const path of [`/services/${serviceId(7)}/stats`, `/projects/${projectOf(7)}/stats`, '/stats'])
  for (const window of ['24h', '30d', '400d']) {
    const times: number[] = [];
    let verdicts = '';
    for (let round = 0; round < ROUNDS; round += 1) {
      const begun = performance.now();
      const response = await fetch(`${cloud.apiUrl}${path}?window=${window}`);
      verdicts = /"verdicts":\{[^}]*\}/.exec(await response.text())?.[0] ?? `${response.status}`;
      times.push(performance.now() - begun);
    }
    const [median = 0, worst = 0] = [times.toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)], Math.max(...times)];
    console.log(`${path}?window=${window}: median ${median.toFixed(0)} ms, worst ${worst.toFixed(0)} ms, ${verdicts}`);
  }

const client = DynamoDBDocumentClient.from(new DynamoDBClient({}));
const kinds = new Map<string, { items: number; bytes: number; units: number }>();
for await (const { Items = [] } of paginateScan({ client }, { TableName: TABLE }))
  for (const item of Items) {
    const [sort = ''] = String(item['sk']).split('#');
    const kind =
      String(item['pk']).replace(/#(?!(HOURS|SERVICE|PROJECT|FLEET|PROGRESS)).*$/, '') +
      (/^(DAY|HOUR)$/.test(sort) ? ` ${sort}` : '');
    if (!kind.startsWith('ROLLUP')) continue;
    const bytes = sizeOf(item);
    const { items, bytes: before, units } = kinds.get(kind) ?? { items: 0, bytes: 0, units: 0 };
    kinds.set(kind, { items: items + 1, bytes: before + bytes, units: units + Math.ceil(bytes / 1_024) });
  }
/** Nearly as DynamoDB calculates it: names and values. */
function sizeOf(item: Record<string, unknown>): number {
  const sizes = Object.entries(item).map(([name, value]) =>
    value instanceof Uint8Array ? name.length + value.byteLength : name.length + String(value).length,
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
let monthly = 0;
for (const [kind, { items, bytes, units }] of kinds) {
  monthly += (units / 30) * MONTH_DAYS;
  console.log(
    `${kind}: ${items} items, ${(bytes / 1e6).toFixed(1)} MB, mean ${(bytes / items).toFixed(0)} bytes, ${units} write units`,
  );
}
console.log(`a month: ${Math.round(monthly)} write units, $${(monthly * WRITE_UNIT_DOLLARS).toFixed(3)}`);
client.destroy();
await cloud.stop();
rmSync(dataDir, { recursive: true, force: true });
