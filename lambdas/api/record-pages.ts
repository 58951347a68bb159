// One page of a timeline, newest first, of one service or of the whole fleet. A request reads a bounded number of
// records and partitions; if it stops before the page is full, the next page goes on from there.
import type { TimelineRecord } from '../core/model/timeline.ts';
import { isAskedFor, isOpen, type RecordFilter } from '../core/timeline/record-filter.ts';
import type { Place } from '../core/values/place.ts';
import type { ServiceKey } from '../ports/service-store.ts';
import type { Timeline } from '../ports/timeline.ts';

const DAY_MS = 86_400_000;
/** How many records, and reads (of the fleet: days), one answer may take: some five megabytes, or a second or two. */
const MOST_RECORDS = 5_000;
const MOST_READS = 60;
/** How many records to read at once if a filter leaves some out. */
const CHUNK = 500;

type Chunk = Readonly<{ records: readonly TimelineRecord[]; next: Place | undefined }>;
/** Where records come from. `next` of a chunk is the place to read on from; undefined at the end. */
export type RecordSource = Readonly<{
  placeOf: (record: TimelineRecord) => Place;
  read: (before: Place, limit: number, signal: AbortSignal) => Promise<Chunk>;
}>;
export type RecordPage = Readonly<{ records: readonly TimelineRecord[]; next: Place | undefined }>;

/** The newest records before `start` that match the filter; `next` is undefined when there can be no more. */
export async function recordPage(
  source: RecordSource,
  { start, limit, filter }: { start: Place; limit: number; filter: RecordFilter },
  signal: AbortSignal,
): Promise<RecordPage> {
  const found: TimelineRecord[] = [];
  let place: Place | undefined = start;
  let seen = 0;
  for (let reads = 0; place && found.length <= limit && seen < MOST_RECORDS && reads < MOST_READS; reads += 1) {
    // One more than is shown, to know whether there is a next page.
    const chunk: Chunk = await source.read(place, isOpen(filter) ? limit + 1 - found.length : CHUNK, signal);
    found.push(...chunk.records.filter((record) => isAskedFor(filter, record)));
    seen += chunk.records.length;
    place = chunk.next;
  }
  const records = found.slice(0, limit);
  const last = records.at(-1);
  return { records, next: found.length > limit && last ? source.placeOf(last) : place };
}

/** The records of one service since `from` (epoch ms). */
export function serviceRecords(timeline: Timeline, key: ServiceKey, from: number | undefined): RecordSource {
  const placeOf = ({ at, intentId }: TimelineRecord) => ({ at, id: intentId });
  return {
    placeOf,
    async read(before, limit, signal) {
      const records = await timeline.events(key, { limit, before, from }, signal);
      const last = records.at(-1);
      return { records, next: last && records.length === limit ? placeOf(last) : undefined };
    },
  };
}

/** The records of the whole fleet, day by day back to `from`. */
export function fleetRecords(timeline: Timeline, from: number): RecordSource {
  const placeOf = ({ at, tenant, id, intentId }: TimelineRecord) => ({ at, id: `${tenant}:${id}:${intentId}` });
  return {
    placeOf,
    async read(before, limit, signal) {
      // A place without an id excludes its own moment: at midnight, the newest record is of the day before.
      const newest = before.id === undefined ? before.at - 1 : before.at;
      const day = Math.floor(newest / DAY_MS) * DAY_MS;
      if (newest < from) return { records: [], next: undefined };
      const records = await timeline.fleetDay({ day, from, before, limit }, signal);
      const last = records.at(-1);
      if (last && records.length === limit) return { records, next: placeOf(last) };
      return { records, next: day > from ? { at: day } : undefined };
    },
  };
}
