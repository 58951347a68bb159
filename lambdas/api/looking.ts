// Looking at services: from stored results only, so that frequent requests cause no probes.
import type { Network } from '../contract/networks.ts';
import { decode } from '../core/faults.ts';
import { lastDueBeat } from '../core/rounds/due.ts';
import { resultOf } from '../core/rounds/packed-row.ts';
import { lookedAtFrom } from '../core/rounds/shard-count.ts';
import { shardOf } from '../core/values/hash.ts';
import { presentState } from '../core/views/noise-view.ts';
import { relationsView } from '../core/views/relations-view.ts';
import { restartView } from '../core/views/restart-view.ts';
import { type Seen, serviceView, summaryView } from '../core/views/status-view.ts';
import { dependentsOf } from '../flow/dependents.ts';
import { readFleet } from '../flow/read-fleet.ts';
import type { Stored } from '../ports/service-store.ts';
import { type ApiPorts, type ApiRequest, invalid, notFound, ok, type Route } from './request.ts';
import { listQuery, tenantQuery } from './schemas.ts';

/**
 * How many rows to read back for a last good answer; for a service that was good before it failed, the first has it.
 */
const ROWS_BACK = 30;

export const getService: Route = (request, ports, signal) =>
  withService(request, ports, signal, async (stored) => {
    const [seen, relations] = await Promise.all([seenOf(stored, ports, signal), relationsOf(stored, ports, signal)]);
    const { document, service, registeredAt } = stored;
    // A pause that is over stays in the item until something else is written.
    const state = presentState(stored.state, ports.clock.now());
    return ok({ ...serviceView(document, service, state, seen, registeredAt), ...relations });
  });

export const getRestart: Route = (request, ports, signal) =>
  withService(request, ports, signal, (stored) => Promise.resolve(ok(restartView(stored.state))));

/** `GET /services`: reads every shard, filters, and sorts by tenant and id; `nextCursor` leads to the next page. */
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

/** How many dependents are shown at most. */
const MOST_DEPENDENTS = 100;

async function relationsOf({ service }: Stored, ports: ApiPorts, signal: AbortSignal) {
  const { tenant, dependsOn } = service;
  const [dependencies, dependents] = await Promise.all([
    Promise.all(dependsOn.map((edge) => ports.services.read({ tenant, id: edge.service }, signal))),
    dependentsOf(service, MOST_DEPENDENTS, ports, signal),
  ]);
  return relationsView(service, dependencies, dependents.services);
}

/** The newest result and the last good answer, from rows found by calculation and not by search. */
async function seenOf({ service, state }: Stored, ports: ApiPorts, signal: AbortSignal): Promise<Seen> {
  const { tenant, id, probe } = service;
  const network = lookedAtFrom(service.network, ports.limits.networks);
  const shard = shardOf(tenant, id, ports.shards);
  const timed = { tenant, id, intervalSeconds: probe.intervalSeconds };
  const due = lastDueBeat(timed, ports.clock.now());
  const before = lastDueBeat(timed, due - 1);
  const rows = await ports.results.rows({ shard, network, from: before, limit: ROWS_BACK }, signal);
  const results = rows.flatMap((row) => {
    const result = resultOf(row, tenant, id);
    return result ? [{ ...result, beat: row.beat }] : [];
  });
  const good = results.find(({ verdict }) => verdict === 'up' || verdict === 'slow');
  return {
    last: results[0],
    lastGoodAt: good?.beat ?? (await goodBefore(state.failingSince, { tenant, id, shard, network }, ports, signal)),
  };
}

async function goodBefore(
  failingSince: number | undefined,
  { tenant, id, shard, network }: { tenant: string; id: string; shard: number; network: Network },
  ports: ApiPorts,
  signal: AbortSignal,
) {
  if (failingSince === undefined) return undefined;
  const rows = await ports.results.rows({ shard, network, before: failingSince, limit: ROWS_BACK }, signal);
  return rows.find((row) => ['up', 'slow'].includes(resultOf(row, tenant, id)?.verdict ?? ''))?.beat;
}
