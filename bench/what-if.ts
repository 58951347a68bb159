// What-if over thirty days of minutes for one service, in one-machine mode: over HTTP, through the API function and the
// real SDK, from the embedded table on disk. Its shard also holds other services, whose results are in the same rows.
// Measures how long the answer takes, and how much of that is the replay.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';

import { openTable } from '../lambdas/adapters/dynamo-client.ts';
import { createDynamoResultStore } from '../lambdas/adapters/dynamo-result-store.ts';
import { DEFAULT_SHARDS } from '../lambdas/contract/table.ts';
import { whatIf } from '../lambdas/core/learning/what-if.ts';
import type { Recorded } from '../lambdas/core/model/recorded.ts';
import { registrationSchema, toService } from '../lambdas/core/model/service.ts';
import { packResults } from '../lambdas/core/rounds/packed-row.ts';
import { shardOf } from '../lambdas/core/values/hash.ts';
import { startCloud } from '../local/cloud.ts';
import { TABLE } from '../local/cloud-environment.ts';
import { readSettings } from '../local/settings.ts';

const MINUTE_MS = 60_000;
const ROWS = 30 * 24 * 60;
const OTHERS = Number(process.argv[2] ?? 60);
const ROUNDS = 5;
/** Two downs now and then, and a long outage every week. */
const verdictAt = (minute: number) => (minute % 500 < 2 || minute % 10_080 < 30 ? 'down' : 'up');

const dataDir = mkdtempSync(join(tmpdir(), 'lamplighter-bench-'));
const settings = readSettings({ LAMPLIGHTER_PORT: '0', LAMPLIGHTER_DATA_DIR: dataDir }, {});
const cloud = await startCloud({ settings, print: () => undefined, onError: console.error });
const document = {
  id: 'billing-api',
  probe: { kind: 'heartbeat', intervalSeconds: 60 },
  restart: { mode: 'observe' },
};
await fetch(`${cloud.apiUrl}/services`, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(document),
});

const shard = shardOf('default', document.id, DEFAULT_SHARDS);
const store = createDynamoResultStore(openTable(TABLE));
const { signal } = new AbortController();
const newest = Math.floor(Date.now() / MINUTE_MS) * MINUTE_MS;
const results = (minute: number) =>
  packResults([
    ...(Array.from({ length: OTHERS }, (_, nth) => ({
      ...{ tenant: 'default', id: `other-${nth}`, verdict: 'up', cause: 'none', latencyMs: 20 },
    })) satisfies Parameters<typeof packResults>[0]),
    { tenant: 'default', id: document.id, verdict: verdictAt(minute), cause: 'none', latencyMs: 20 },
  ]);
const filling = performance.now();
for (let from = 0; from < ROWS; from += 100)
  await Promise.all(
    Array.from({ length: Math.min(100, ROWS - from) }, (_, nth) => {
      const beat = newest - (from + nth) * MINUTE_MS;
      const row = { shard, network: 'public' as const, beat, startedAt: beat, finishedAt: beat };
      return store.saveRow(
        { ...row, due: OTHERS + 1, checked: OTHERS + 1, results: results(from + nth) },
        Date.now() + 86_400_000,
        signal,
      );
    }),
  );
console.log(`${ROWS} rows of ${OTHERS + 1} services written in ${((performance.now() - filling) / 1000).toFixed(0)} s`);

const url = `${cloud.apiUrl}/services/billing-api/what-if?failureThreshold=5&window=30d`;
const seconds: number[] = [];
for (let round = 0; round < ROUNDS; round += 1) {
  const begun = performance.now();
  const answer = await fetch(url);
  const text = await answer.text();
  seconds.push((performance.now() - begun) / 1000);
  console.log(`what-if over 30 days: ${seconds.at(-1)?.toFixed(2)} s  ${answer.status}, ${text.length} bytes`);
  if (round === 0) console.log(text.slice(0, 700));
}

const recorded: Recorded[] = Array.from({ length: ROWS }, (_, nth) => ({
  beat: newest - (ROWS - 1 - nth) * MINUTE_MS,
  verdict: verdictAt(ROWS - 1 - nth),
  cause: 'none',
}));
const service = toService(registrationSchema.parse(document));
whatIf(service, recorded, []);
const begun = performance.now();
whatIf(service, recorded, []);
console.log(`of that, one of its two replays: ${((performance.now() - begun) / 1000).toFixed(3)} s`);
console.log(`median ${seconds.toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)]?.toFixed(2)} s`);
await cloud.stop();
rmSync(dataDir, { recursive: true, force: true });
process.exit(0);
