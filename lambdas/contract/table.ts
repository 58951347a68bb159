// The keys of the one table. Whoever reads or writes an item takes its key from here.

/** How many partitions the fleet is spread over unless a deployment says otherwise; fixed for its life. */
export const DEFAULT_SHARDS = 16;

const twoDigits = (n: number) => String(n).padStart(2, '0');
/** Epoch milliseconds as a fixed-width number, so that keys sort by time until the year 2286. */
const sortable = (epochMs: number) => String(epochMs).padStart(13, '0');

export const keys = {
  shard: (shard: number) => `SHARD#${twoDigits(shard)}`,
  service: (tenant: string, id: string) => `${tenant}#${id}`,
  fleet: 'FLEET',
  control: 'CONTROL',
  timeline: (tenant: string, id: string) => `SERVICE#${tenant}#${id}`,
  /** `intentId` makes writing the same record twice write one item. */
  event: (at: number, intentId: string) => `EVENT#${sortable(at)}#${intentId}`,
  eventPrefix: 'EVENT#',
  eventBefore: (at: number) => `EVENT#${sortable(at)}`,
  restart: (at: number, intentId: string) => `RESTART#${sortable(at)}#${intentId}`,
  restartPrefix: 'RESTART#',
  results: (shard: number) => `RESULTS#${twoDigits(shard)}`,
  beat: (beat: number) => sortable(beat),
} as const;
