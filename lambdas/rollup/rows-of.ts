// The packed rows of a shard in a stretch of time, page by page.
import { networks } from '../contract/networks.ts';
import type { Stretch } from '../core/numbers/service-facts.ts';
import type { PackedRow } from '../core/rounds/packed-row.ts';
import type { ResultStore } from '../ports/timeline.ts';
import { eachOf } from './many.ts';

export type RowsPorts = Readonly<{ results: Pick<ResultStore, 'rows'> }>;

/** More rows than a shard and network write in an hour, nearly always. */
const PAGE_ROWS = 400;

/** The rows of the probers of all networks: a service may have moved from one to another meanwhile. */
export async function rowsOf(
  shard: number,
  { from, before }: Stretch,
  { results }: RowsPorts,
  signal: AbortSignal,
): Promise<readonly PackedRow[]> {
  const rows: PackedRow[] = [];
  await eachOf(networks, async (network) => {
    let until = before;
    for (;;) {
      const page = await results.rows({ shard, network, from, before: until, limit: PAGE_ROWS }, signal);
      const oldest = page.at(-1);
      if (!oldest) return;
      rows.push(...page);
      until = oldest.beat;
    }
  });
  return rows;
}
