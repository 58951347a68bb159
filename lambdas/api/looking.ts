// Looking at services: from stored results only, so that asking often causes no probes.
import { lastDueBeat } from '../core/due.ts';
import { decode } from '../core/faults.ts';
import { shardOf } from '../core/hash.ts';
import { resultOf } from '../core/packed-row.ts';
import { restartView, type Seen, serviceView, summaryView } from '../core/status-view.ts';
import type { TimelineRecord } from '../core/timeline.ts';
import type { Stored } from '../ports.ts';
import { type ApiPorts, type ApiRequest, invalid, notFound, ok, type Route } from './request.ts';
import { eventsQuery, listQuery, restartsQuery, tenantQuery } from './schemas.ts';

/** Rows to read back for a last good answer; a service that was good before it failed is found in the first. */
const ROWS_BACK = 30;

export const getService: Route = (request, ports, signal) =>
  withService(request, ports, signal, async (stored) => {
    const seen = await seenOf(stored, ports, signal);
    return ok(serviceView(stored.document, stored.service, stored.state, seen, stored.registeredAt));
  });

export const getRestart: Route = (request, ports, signal) =>
  withService(request, ports, signal, (stored) => Promise.resolve(ok(restartView(stored.state))));

/** `GET /services`: every shard is read, filtered and sorted by tenant and id; `nextCursor` leads to the next page. */
export const listServices: Route = async (request, ports, signal) => {
  const query = decode(listQuery, request.query);
  if (query.kind === 'faulty') return invalid(query.faults);
  const { limit, cursor = '', ...filter } = query.value;
  const all = await readFleet(ports, signal);
  const name = ({ service }: Stored) => `${service.tenant}/${service.id}`;
  const wanted = all
    .filter((stored) => isWanted(stored, filter) && name(stored) > cursor)
    .sort((a, b) => (name(a) < name(b) ? -1 : 1));
  const page = wanted.slice(0, limit);
  const last = page.at(-1);
  return ok({
    services: page.map(({ service, state }) => summaryView(service, state)),
    nextCursor: wanted.length > limit && last ? name(last) : null,
  });
};

/** `GET /services/{id}/events`: the chain of what was seen and done, newest first. */
export const getEvents: Route = async (request, ports, signal) => {
  const query = decode(eventsQuery, request.query);
  if (query.kind === 'faulty') return invalid(query.faults);
  const { tenant, limit, before } = query.value;
  const key = { tenant, id: request.id ?? '' };
  const found = await ports.timeline.events(
    key,
    { limit: limit + 1, before: before === undefined ? undefined : Date.parse(before) },
    signal,
  );
  const records = wholeMoments(found, limit);
  const last = records.at(-1);
  return ok({
    events: records.map(recordView),
    nextBefore: records.length < found.length && last ? iso(last.at) : null,
  });
};

/**
 * At most `limit` records, and none whose moment goes on behind them: what happened at one moment would otherwise be
 * lost between two pages. A moment that fills a page by itself is cut.
 */
function wholeMoments(records: readonly TimelineRecord[], limit: number): readonly TimelineRecord[] {
  const next = records[limit];
  if (!next) return records;
  const whole = records.findIndex(({ at }) => at === next.at);
  return records.slice(0, whole > 0 ? whole : limit);
}

/** `GET /services/{id}/restarts`: ended restarts with who, why, how long and the outcome. */
export const getRestarts: Route = async (request, ports, signal) => {
  const query = decode(restartsQuery, request.query);
  if (query.kind === 'faulty') return invalid(query.faults);
  const records = await ports.timeline.restarts(
    { tenant: query.value.tenant, id: request.id ?? '' },
    { limit: query.value.limit },
    signal,
  );
  return ok({ restarts: records.map(recordView) });
};

/** Decodes the tenant, reads the service, and answers 404 when there is none. */
export async function withService(
  request: ApiRequest,
  ports: ApiPorts,
  signal: AbortSignal,
  answer: (stored: Stored) => ReturnType<Route>,
): ReturnType<Route> {
  const query = decode(tenantQuery, request.query);
  if (query.kind === 'faulty') return invalid(query.faults);
  const key = { tenant: query.value.tenant, id: request.id ?? '' };
  const stored = await ports.services.read(key, signal);
  return stored ? await answer(stored) : notFound(key.tenant, key.id);
}

/** Every service there is. */
export async function readFleet(ports: ApiPorts, signal: AbortSignal): Promise<readonly Stored[]> {
  const counts = await ports.fleet.counts(signal);
  const shards = await Promise.all(counts.map(({ shard }) => ports.services.readShard(shard, signal)));
  return shards.flatMap(({ services }) => services);
}

function isWanted(
  { service, state }: Stored,
  filter: {
    tenant?: string | undefined;
    project?: string | undefined;
    tag?: string | undefined;
    health?: string | undefined;
  },
): boolean {
  const [tagName = '', ...value] = filter.tag?.split('=') ?? [];
  const tag = Object.hasOwn(service.tags, tagName) ? service.tags[tagName] : undefined;
  return (
    (filter.tenant === undefined || service.tenant === filter.tenant) &&
    (filter.project === undefined || service.project === filter.project) &&
    (filter.health === undefined || state.health === filter.health) &&
    (filter.tag === undefined || (tag !== undefined && (value.length === 0 || tag === value.join('='))))
  );
}

/** The newest row that holds the service, and its last good answer, by arithmetic rather than by search. */
async function seenOf({ service, state }: Stored, ports: ApiPorts, signal: AbortSignal): Promise<Seen> {
  const { tenant, id, probe } = service;
  const shard = shardOf(tenant, id, ports.shards);
  const timed = { tenant, id, intervalSeconds: probe.intervalSeconds };
  const due = lastDueBeat(timed, ports.clock.now());
  const before = lastDueBeat(timed, due - 1);
  const rows = await ports.results.rows({ shard, from: before, limit: ROWS_BACK }, signal);
  const results = rows.flatMap((row) => {
    const result = resultOf(row, tenant, id);
    return result ? [{ ...result, beat: row.beat }] : [];
  });
  const good = results.find(({ verdict }) => verdict === 'up' || verdict === 'slow');
  return {
    last: results[0],
    lastGoodAt: good?.beat ?? (await goodBefore(state.failingSince, { tenant, id, shard }, ports, signal)),
  };
}

async function goodBefore(
  failingSince: number | undefined,
  { tenant, id, shard }: { tenant: string; id: string; shard: number },
  ports: ApiPorts,
  signal: AbortSignal,
) {
  if (failingSince === undefined) return undefined;
  const rows = await ports.results.rows({ shard, before: failingSince, limit: ROWS_BACK }, signal);
  return rows.find((row) => ['up', 'slow'].includes(resultOf(row, tenant, id)?.verdict ?? ''))?.beat;
}

const iso = (epochMs: number | undefined) => (epochMs === undefined ? null : new Date(epochMs).toISOString());

function recordView({ at, intentId, tenant, id, detectedAt, resolvedAt, ...rest }: TimelineRecord) {
  return {
    at: iso(at),
    recordId: intentId,
    tenant,
    service: id,
    ...rest,
    detectedAt: iso(detectedAt),
    resolvedAt: iso(resolvedAt),
  };
}
