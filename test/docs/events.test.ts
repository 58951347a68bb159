// The examples of docs/api.md on events: the record as it is shown, the same as a row, and the loop that fetches a whole
// export, run by a shell against the gateway of one-machine mode.
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { expect, it, onTestFinished } from 'vitest';

import { getFleetEvents, getFleetEventsExport } from '../../lambdas/api/events.ts';
import type { ApiPorts } from '../../lambdas/api/request.ts';
import { timelineRecordSchema } from '../../lambdas/core/model/timeline.ts';
import { exportLine, headLine } from '../../lambdas/core/timeline/record-view.ts';
import { httpEntry } from '../../lambdas/runtime/http-entry.ts';
import { httpGateway } from '../../local/http-gateway.ts';
import { fakeLog } from '../fakes/fake-log.ts';
import { fakeStores } from '../fakes/fake-stores.ts';
import { contextFor } from '../runtime/invoke.ts';

const page = readFileSync(new URL('../../docs/api.md', import.meta.url), 'utf8');
const chapter = /^## Events\n([\s\S]*?)^## /m.exec(page)?.[1] ?? '';
const block = (language: string) =>
  new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\`$`, 'm').exec(chapter)?.[1] ?? '';

type Shown = { events: Record<string, string>[]; nextBefore: string };
const shown = JSON.parse(block('json')) as Shown;
const [{ recordId, service, at = '', detectedAt = '', resolvedAt = '', ...rest } = {}] = shown.events;
/** The record of the page, as it stands in the table. */
const record = timelineRecordSchema.parse({
  ...rest,
  ...{ intentId: recordId, id: service, at: Date.parse(at) },
  ...{ detectedAt: Date.parse(detectedAt), resolvedAt: Date.parse(resolvedAt) },
});
const { signal } = new AbortController();
const stores = fakeStores(1);
const now = record.at + 1_000;
const ports = { ...stores, retentionMs: 30 * 86_400_000, clock: { now: () => now } } as unknown as ApiPorts;

it('a record is shown as the page shows it, and so is the place of the next', async () => {
  await stores.timeline.append(record, 0, signal);
  await stores.timeline.append({ ...record, at: record.at - 1 }, 0, signal);
  const request = { routeKey: 'GET /events', query: { limit: '1' }, body: undefined, caller: 'a', correlationId: 'c' };
  const { body } = await getFleetEvents({ ...request, routeKey: 'GET /events' }, ports, signal);
  expect(JSON.parse(JSON.stringify(body))).toEqual(shown);
});

it('the rows of the page are those of its record', () => {
  const rows = headLine('csv') + exportLine(record, 'csv');
  expect(rows.replaceAll('\r', '')).toBe(block('csv'));
});

it('the loop of the page fetches all of it, into one table', async () => {
  for (let n = 0; n < 12_000; n += 1)
    await stores.timeline.append({ ...record, at: record.at - 2 - n, intentId: `i${n}` }, 0, signal);
  const log = fakeLog();
  const handler = httpEntry(
    (request, invocation) =>
      getFleetEventsExport({ ...request, routeKey: 'GET /events/export' }, ports, invocation.signal),
    () => log,
    () => undefined,
  );
  const server = httpGateway(
    (event) => handler(event, contextFor()),
    () => undefined,
  );
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const folder = mkdtempSync(join(tmpdir(), 'lamplighter-export-'));
  onTestFinished(() => {
    server.close();
    server.closeAllConnections();
    rmSync(folder, { recursive: true });
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  await promisify(execFile)('sh', ['-euc', block('sh')], { cwd: folder, env: { ...process.env, url } });
  const rows = readFileSync(join(folder, 'events.csv'), 'utf8').trimEnd().split('\r\n');
  const all = await stores.timeline.events({ tenant: 'default', id: 'billing-api' }, { limit: 20_000 }, signal);
  expect(rows).toHaveLength(1 + all.length);
  expect(new Set(rows).size).toBe(rows.length);
});
