// Reads the verdicts of a service from the packed rows of its shard: page by page, newest first, and only as many as
// there is time for in an answer.
import { type Recorded, restartSpans, type Span } from '../core/model/recorded.ts';
import { resultsOf } from '../core/rounds/packed-row.ts';
import { lookedAtFrom } from '../core/rounds/shard-count.ts';
import { shardOf } from '../core/values/hash.ts';
import type { History } from '../core/views/learning-view.ts';
import type { Stored } from '../ports/service-store.ts';
import type { ApiPorts } from './request.ts';

/** The minutes of thirty days, and some more. */
const MOST_ROWS = 45_000;
const PAGE_ROWS = 1_000;
/** Less than the function's own timeout by the time that the replay and the answer may take. */
const MOST_MS = 8_000;
/** Nearly always more restarts than a budget allows in a month. */
const MOST_RESTARTS = 200;

/** Everything that a service's past can be judged by. */
export type Past = History & Readonly<{ restarts: readonly Span[] }>;

/** The past of the last `windowMs`, oldest first. */
export async function readPast(stored: Stored, windowMs: number, ports: ApiPorts, signal: AbortSignal): Promise<Past> {
  const now = ports.clock.now();
  const [history, ended] = await Promise.all([
    readVerdicts(stored, now - windowMs, ports, signal),
    ports.timeline.restarts(stored.service, { limit: MOST_RESTARTS }, signal),
  ]);
  const restarts = restartSpans(ended, stored.state, now);
  // Before the oldest restart that was read, runs of failures that a restart ended look like those that passed by
  // themselves.
  const known = ended.length < MOST_RESTARTS ? 0 : Math.min(...ended.map(({ at }) => at));
  const isCut = history.recorded.some(({ beat }) => beat < known);
  return isCut
    ? { ...history, recorded: history.recorded.filter(({ beat }) => beat >= known), end: 'rows', restarts }
    : { ...history, restarts };
}

async function readVerdicts({ service }: Stored, from: number, ports: ApiPorts, signal: AbortSignal): Promise<History> {
  const { tenant, id } = service;
  const network = lookedAtFrom(service.network, ports.limits.networks);
  const shard = shardOf(tenant, id, ports.shards);
  const until = ports.clock.now() + MOST_MS;
  const pages: (readonly Recorded[])[] = [];
  const ended = (end: History['end']): History => ({ from, recorded: pages.reverse().flat(), end });
  let read = 0;
  let before: number | undefined;
  for (;;) {
    const limit = Math.min(PAGE_ROWS, MOST_ROWS - read);
    if (limit === 0) return ended('rows');
    if (ports.clock.now() >= until) return ended('time');
    const rows = await ports.results.rows({ shard, network, from, before, limit }, signal);
    const oldest = rows.at(-1);
    if (!oldest) return ended('whole');
    pages.push(resultsOf(rows, tenant, id).reverse());
    read += rows.length;
    before = oldest.beat;
  }
}
