// Timelines over HTTP: filters, the whole fleet, and files of both, on the embedded table.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import { T0 } from '../make/state.ts';
import { ask, askFile, happened } from './api-bench.ts';

const DAY_MS = 86_400_000;
const NOW = T0 + 2 * DAY_MS;
beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'], now: NOW }));
afterEach(() => void vi.useRealTimers());

const iso = (at: number) => new Date(at).toISOString();
type Query = Record<string, string>;
type Line = { recordId: string; service: string; kind: string };
const own = (query: Query = {}) => ask('GET /services/{id}/events', { id: 'billing-api', query });
const fleet = (query: Query = {}) => ask('GET /events', { query });
const ids = ({ body }: { body: { events: Line[] } }) => body.events.map(({ recordId }) => recordId);

async function story() {
  await happened(T0, { intentId: 'i1', kind: 'unhealthy', level: 'error', failureType: 'health_check_failed' });
  await happened(T0 + 1, { intentId: 'i2', kind: 'restart_failed', level: 'error', failureType: 'restart_failed' });
  await happened(T0 + 2, { intentId: 'i3', kind: 'recovered', level: 'info', failureType: 'auto_restart' });
  await happened(T0 + DAY_MS, { intentId: 'i4', kind: 'healthy', level: 'info', id: 'ledger', project: 'erp' });
  await happened(T0 + DAY_MS, { intentId: 'i5', kind: 'degraded', level: 'warning', tenant: 'acme', project: 'crm' });
}

describe('a filter of a timeline', () => {
  it.each([
    [{}, ['i3', 'i2', 'i1']],
    [{ type: 'restart_failed' }, ['i2']],
    [{ type: 'restart_failed,auto_restart' }, ['i3', 'i2']],
    [{ type: 'restart_failed, auto_restart' }, ['i3', 'i2']],
    [{ kind: 'unhealthy,recovered' }, ['i3', 'i1']],
    [{ level: 'error' }, ['i2', 'i1']],
    [{ level: 'error', kind: 'unhealthy' }, ['i1']],
    [{ from: iso(T0 + 1) }, ['i3', 'i2']],
    [{ to: iso(T0 + 1) }, ['i1']],
    [{ from: iso(T0 + 1), to: iso(T0 + 2) }, ['i2']],
    [{ from: '2026-01-05T09:00:00.001+01:00' }, ['i3', 'i2']],
    [{ to: iso(T0 + 2), before: iso(T0 + 1) }, ['i1']],
    [{ to: iso(T0 + 1), before: iso(T0 + 2) }, ['i1']],
    [{ to: iso(T0 + 1), before: `${iso(T0 + 1)}~i9` }, ['i1']],
  ])('%j lets through %j', async (query: Query, expected) => {
    await story();
    const answer = await own(query);
    expect(ids(answer)).toEqual(expected);
    expect(answer.body.nextBefore).toBeNull();
  });

  it('keeps pages right: each of them full but the last, and nothing seen twice', async () => {
    for (let n = 0; n < 20; n += 1)
      await happened(T0 + n, { intentId: `i${n}`, level: n % 3 === 0 ? 'critical' : 'info' });
    const seen: string[][] = [];
    let before: string | null = '';
    while (before !== null) {
      const answer = await own({ level: 'critical', limit: '3', ...(before && { before }) });
      seen.push(ids(answer));
      before = answer.body.nextBefore;
    }
    expect(seen).toEqual([['i18', 'i15', 'i12'], ['i9', 'i6', 'i3'], ['i0']]);
  });

  it.each([
    [{ type: 'oops' }, 'type', 'must be one or several, with commas between them, of health_check_failed, '],
    [
      { level: 'error,' },
      'level',
      'must be one or several, with commas between them, of info, warning, error, critical',
    ],
    [{ kind: '' }, 'kind', 'must be one or several, with commas between them, of healthy, '],
    [{ from: 'yesterday' }, 'from', 'must be a time such as 2026-01-31T12:00:00Z'],
    [{ from: iso(T0), to: iso(T0) }, 'to', 'must be later than from'],
    [{ project: 'erp' }, 'project', 'is not a known field; remove it or correct its name'],
  ])('%j is refused', async (query: Query, path, message) => {
    const answer = await own(query);
    expect(answer).toMatchObject({ status: 400, body: { error: { details: [{ path }] } } });
    expect(answer.body.error.details[0].message).toContain(message);
  });
});

describe("the fleet's timeline", () => {
  it('has what happened to every service, newest first, of whatever tenant', async () => {
    await story();
    const { body } = await fleet();
    expect(body.events.map(({ recordId }: Line) => recordId)).toEqual(['i4', 'i5', 'i3', 'i2', 'i1']);
    expect(body.events[1]).toEqual({
      ...{ at: iso(T0 + DAY_MS), recordId: 'i5', tenant: 'acme', service: 'billing-api', project: 'crm' },
      ...{ kind: 'degraded', level: 'warning', message: 'timeout', action: 'none', detectedAt: null, resolvedAt: null },
    });
    expect(body.nextBefore).toBeNull();
  });

  it.each([
    [{ tenant: 'acme' }, ['i5']],
    [{ project: 'erp' }, ['i4']],
    [{ level: 'info' }, ['i4', 'i3']],
    [{ from: iso(T0 + 2), to: iso(T0 + DAY_MS) }, ['i3']],
    [{ to: iso(T0) }, []],
  ])('%j narrows it down to %j', async (query: Query, expected) => {
    await story();
    const answer = await fleet(query);
    expect(ids(answer)).toEqual(expected);
    expect(answer.body.nextBefore).toBeNull();
  });

  it('comes page by page, over days and moments that several services share', async () => {
    await story();
    for (const limit of ['1', '2', '3', '5']) {
      const seen: string[] = [];
      let before: string | null = '';
      while (before !== null) {
        const answer = await fleet({ limit, ...(before && { before }) });
        seen.push(...ids(answer));
        before = answer.body.nextBefore;
      }
      expect(seen, `limit ${limit}`).toEqual(['i4', 'i5', 'i3', 'i2', 'i1']);
    }
  });

  it('goes back as far as records are kept, and some days that DynamoDB takes to remove them', async () => {
    const oldest = NOW - 33 * DAY_MS;
    await happened(oldest, { intentId: 'i-kept' });
    await happened(oldest - 1, { intentId: 'i-gone' });
    expect(ids(await fleet())).toEqual(['i-kept']);
    expect(ids(await fleet({ from: '2000-01-01T00:00:00Z' }))).toEqual(['i-kept']);
  });

  it('has what was written by a clock that goes ahead', async () => {
    await happened(NOW + 200_000);
    expect(ids(await fleet())).toHaveLength(1);
    expect(ids(await fleet({ before: '9999-01-01T00:00:00Z' }))).toHaveLength(1);
  });
});

describe('an export', () => {
  const lines = (text: string) => text.trimEnd().split('\n');

  it('is NDJSON unless it is asked otherwise, named and typed as that', async () => {
    await story();
    const file = await askFile('GET /services/{id}/events/export', { id: 'billing-api' });
    expect(file.status).toBe(200);
    expect(file.headers).toMatchObject({
      'content-type': 'application/x-ndjson',
      'content-disposition': 'attachment; filename="events-default-billing-api.ndjson"',
      'cache-control': 'no-store',
      'x-correlation-id': 'request-1',
    });
    expect(file.headers).not.toHaveProperty('x-next-before');
    const shown = (await own()).body.events;
    expect(lines(file.text).map((line) => JSON.parse(line) as unknown)).toEqual(shown);
  });

  it('is a table with its head for the first page alone, so that pages can be joined', async () => {
    await story();
    const first = await askFile('GET /events/export', { query: { format: 'csv', limit: '3' } });
    expect(first.headers).toMatchObject({
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': 'attachment; filename="events.csv"',
      'x-next-before': `${iso(T0 + 2)}~default:billing-api:i3`,
    });
    const rest = await askFile('GET /events/export', {
      query: { format: 'csv', limit: '3', before: String(first.headers['x-next-before']) },
    });
    expect(rest.headers).not.toHaveProperty('x-next-before');
    const joined = (first.text + rest.text).split('\r\n').map((line) => line.split(',')[1]);
    expect(joined).toEqual(['recordId', 'i4', 'i5', 'i3', 'i2', 'i1', undefined]);
  });

  it('takes the same filters', async () => {
    await story();
    const fleetFile = await askFile('GET /events/export', { query: { level: 'info', project: 'erp' } });
    expect(lines(fleetFile.text).map((line) => (JSON.parse(line) as Line).recordId)).toEqual(['i4']);
    const ownFile = await askFile('GET /services/{id}/events/export', {
      id: 'billing-api',
      query: { type: 'restart_failed', from: iso(T0) },
    });
    expect(lines(ownFile.text).map((line) => (JSON.parse(line) as Line).recordId)).toEqual(['i2']);
    expect((await askFile('GET /events/export', { query: { to: iso(T0) } })).text).toBe('');
  });

  it('ends before the answer is too large, and leads on from there', async () => {
    const message = 'ä"'.repeat(60_000);
    for (let n = 0; n < 25; n += 1) await happened(T0 + n, { intentId: `i${String(n).padStart(2, '0')}`, message });
    const seen: string[] = [];
    let before: string | undefined = '';
    let files = 0;
    while (before !== undefined) {
      const file = await askFile('GET /events/export', { query: { limit: '25', ...(before && { before }) } });
      // As Lambda hands it over: a text within JSON.
      expect(new TextEncoder().encode(JSON.stringify({ body: file.text })).length).toBeLessThan(5_000_000);
      seen.push(...lines(file.text).map((line) => (JSON.parse(line) as Line).recordId));
      before = file.headers['x-next-before'] as string | undefined;
      files += 1;
    }
    expect(seen).toEqual(Array.from({ length: 25 }, (_, n) => `i${String(24 - n).padStart(2, '0')}`));
    expect(files).toBeGreaterThan(2);
  });

  it('is named after its service without what could leave its header', async () => {
    const file = await askFile('GET /services/{id}/events/export', { id: 'a"\r\nset-cookie: x/é' });
    expect(file.headers['content-disposition']).toBe(
      'attachment; filename="events-default-a___set-cookie__x__.ndjson"',
    );
  });

  it.each([
    ['GET /events/export', { format: 'xlsx' }, 'format', 'must be one of ndjson, csv'],
    ['GET /events/export', { limit: '5001' }, 'limit', 'must be at most 5000'],
    [
      'GET /services/{id}/events/export',
      { project: 'erp' },
      'project',
      'is not a known field; remove it or correct its name',
    ],
    ['GET /events', { format: 'csv' }, 'format', 'is not a known field; remove it or correct its name'],
  ] as const)('%s refuses %j', async (route, query: Query, path, message) => {
    expect(await ask(route, { id: 'billing-api', query })).toMatchObject({
      status: 400,
      body: { error: { code: 'INVALID_REQUEST', details: [{ path, message }] } },
    });
  });
});
