// The row that a shard writes per beat, and what it says in numbers.
import { metricNames } from '../contract/metrics.ts';
import { type PackedResult, packResults } from '../core/rounds/packed-row.ts';
import type { Clock, Metrics } from '../ports/process.ts';
import type { ResultStore } from '../ports/timeline.ts';
import type { Place } from './ours.ts';
import type { ShardVisit } from './shard-visit.ts';

export type RowPorts = Place & Readonly<{ results: ResultStore; metrics: Metrics; clock: Clock; retentionMs: number }>;

export async function saveRow(
  { known, due, overtaken, results }: ShardVisit,
  beat: number,
  startedAt: number,
  ports: RowPorts,
  signal: AbortSignal,
): Promise<void> {
  ports.metrics.count(metricNames.due, due.size + overtaken);
  reportResults(results, ports);
  // If no service was due here, the row of an earlier delivery must not be overwritten.
  if (due.size === 0) return;
  const finishedAt = ports.clock.now();
  const packed = { due: due.size + overtaken, checked: results.length, results: packResults(results) };
  await ports.results.saveRow(
    { shard: known.shard, network: ports.network, beat, startedAt, finishedAt, ...packed },
    finishedAt + ports.retentionMs,
    signal,
  );
}

/** In one pass: this is done for every shard at every beat. */
function reportResults(results: readonly PackedResult[], { metrics }: RowPorts): void {
  let [down, unknown, answers, sumMs] = [0, 0, 0, 0];
  for (const { verdict, latencyMs } of results) {
    if (verdict === 'down') down += 1;
    else if (verdict === 'unknown') unknown += 1;
    if (verdict === 'down' || latencyMs === undefined) continue;
    answers += 1;
    sumMs += latencyMs;
  }
  metrics.count(metricNames.checked, results.length);
  metrics.count(metricNames.unknown, unknown);
  if (down > 0) metrics.count(metricNames.down, down);
  if (answers > 0) metrics.milliseconds(metricNames.duration, sumMs / answers);
}
