// What a month costs at list price in us-east-1, from the units that this design uses. The table of docs/deploy.md is
// held against it. What a service is asked for is arithmetic of the code itself: shards and packs are planned for real.
import { DEFAULT_SHARDS } from '../../lambdas/contract/table.ts';
import { planRound } from '../../lambdas/core/rounds/packs.ts';
import { shardOf } from '../../lambdas/core/values/hash.ts';

/** Dollars, by unit. */
const prices = {
  lambdaGbSecond: 0.0000133334,
  lambdaRequest: 0.2e-6,
  readUnit: 0.125e-6,
  writeUnit: 0.625e-6,
  storedGb: 0.25,
  backedUpGb: 0.2,
  sqsRequest: 0.4e-6,
  schedulerCall: 1e-6,
  logGb: 0.53,
  metric: 0.3,
  alarm: 0.1,
  publish: 0.5e-6,
  mail: 20e-6,
  busEntry: 1e-6,
} as const;

/** What is assumed, and not read from the code. */
export const assumed = {
  minutes: 43_800,
  /** Of one pack on 1,024 MB: a fifth of a second, and 3.2 ms for every service (250 fresh TLS connections: 1 s). */
  packSeconds: 0.2,
  serviceSeconds: 0.0032,
  scheduleSeconds: 0.2,
  itemBytes: 1_200,
  rowBytes: 200,
  /** Of a roll-up, measured by bench/stats.ts: a service in an hour of its shard, and in its day; the sums beside them. */
  hourBytes: 65,
  dayBytes: 350,
  sumUnits: 22,
  rollupSeconds: 1,
  /** Two thirds of it to judge trends: 1.7 s of a core for 1,000 services, the embedded table included, on 0.29 of a core. */
  rollupServiceSeconds: 0.009,
  /** To judge trends, it reads rows of so many hours, and so many hours of so many days before. */
  trendRowHours: 3,
  trendDays: 14,
  trendHoursADay: 3,
  hoursAMonth: 730,
  hoursKeptDays: 40,
  /** An idle queue is asked by five long-pollers of Lambda. */
  pollsPerQueue: 648_000,
  logBytesPerPack: 1_500,
  logBytesPerTick: 600,
  /** Each service goes down or comes back so often, with so many writes of two units, and one mail. */
  transitions: 4,
  /** The alert, and two state changes: of a restart there are two beside those of health, in every second transition. */
  entriesPerTransition: 3,
  writesPerTransition: 7,
  /** The counts of a shard, with those of ten groups: a project and some tags. */
  countBytes: 700,
  /** Looks without an answer in each transition, each of which asks about switches, storms and slots. */
  downLooks: 3,
  /** What fails in a shard is counted anew so often: when it first fails, and when it is unhealthy, or both back. */
  countsPerTransition: 2,
  /** Every second transition is a restart, of so many invocations that ask once more, and take or keep a slot. */
  stepsPerRestart: 2,
} as const;

export type Month = Readonly<{
  packs: number;
  lambda: number;
  queues: number;
  table: number;
  logs: number;
  alerts: number;
  fixed: number;
  total: number;
}>;

/** `probeGb`, `scheduleGb`, `rollupGb`: memory of the functions. `queues`: with a reader. `metrics`, `alarms`: billed ones. */
export type AsBuilt = Readonly<{
  probeGb: number;
  scheduleGb: number;
  rollupGb: number;
  queues: number;
  metrics: number;
  alarmMetrics: number;
  retentionDays: number;
  rollupRetentionDays: number;
}>;

/** A month of entries on the event bus, which is not in the table: few have one. */
export const busMonthOf = (services: number): number =>
  services * assumed.transitions * assumed.entriesPerTransition * prices.busEntry;

const units = (bytes: number, size: number) => Math.ceil(bytes / size);

/** `services` of one minute each, spread over the shards as the code spreads them. */
export function monthOf(services: number, built: AsBuilt): Month {
  const { minutes } = assumed;
  const sizes = Array.from({ length: DEFAULT_SHARDS }, () => 0);
  for (let n = 0; n < services; n += 1) {
    const shard = shardOf('default', `service-${n}`, DEFAULT_SHARDS);
    sizes[shard] = (sizes[shard] ?? 0) + 1;
  }
  const filled = sizes.filter((size) => size > 0);
  const common = { privateServices: 0, unhealthy: 0, fastestSeconds: 60, version: 1 };
  const counts = sizes.map((size, shard) => ({ ...common, shard, services: size }));
  const packs = planRound(counts, 0, 'price').length;
  const calls = minutes * packs;

  const probing = built.probeGb * minutes * (packs * assumed.packSeconds + services * assumed.serviceSeconds);
  const scheduling = built.scheduleGb * minutes * assumed.scheduleSeconds;
  const runs = assumed.hoursAMonth;
  const rolling = built.rollupGb * runs * (assumed.rollupSeconds + services * assumed.rollupServiceSeconds);
  const lambda =
    (probing + scheduling + rolling) * prices.lambdaGbSecond + (calls + minutes + runs) * prices.lambdaRequest;

  const sends = minutes * Math.ceil(packs / 10);
  const probeReads = Math.max(2 * calls, calls + assumed.pollsPerQueue);
  const queues =
    (sends + probeReads + (built.queues - 1) * assumed.pollsPerQueue) * prices.sqsRequest +
    minutes * prices.schedulerCall;

  // The whole fleet in one consistent query: the counts of all shards, the storms and the slots.
  const overview = units((filled.length + 1) * assumed.countBytes, 4_096);
  const shardReads = filled.map((n) => units(n * assumed.itemBytes, 4_096));
  const steady = minutes * (overview + shardReads.reduce((sum, each) => sum + each * 0.5, 0));
  const transitions = services * assumed.transitions;
  // A count is corrected by a consistent read of its shard, and one write.
  const ofOneShard = shardReads.reduce((sum, each, index) => sum + (each * (filled[index] ?? 0)) / services, 0);
  const corrections = transitions * assumed.countsPerTransition;
  const slots = (transitions / 2) * assumed.stepsPerRestart;
  // The switch (half a unit), the storms and the slots (one each).
  const guards = transitions * assumed.downLooks * (overview + 0.5) + slots * 2.5;
  const rowBytes = (n: number) => 9 * n + assumed.rowBytes;
  const hourReads = filled.reduce(
    (sum, n, index) => sum + (shardReads[index] ?? 0) + units(60 * rowBytes(n), 4_096),
    0,
  );
  // The first alert of a window reads where alerts wait, and opens it.
  const windows = transitions;
  const hourBytes = (n: number) => assumed.hourBytes * n + 100;
  const trendReads = filled.reduce(
    (sum, n, index) =>
      sum +
      (shardReads[index] ?? 0) +
      units(assumed.trendRowHours * 60 * rowBytes(n), 4_096) +
      assumed.trendDays * units(assumed.trendHoursADay * hourBytes(n), 4_096),
    0,
  );
  const reads = steady + windows + guards + corrections * ofOneShard + runs * (hourReads + trendReads) * 0.5;
  const rows = minutes * filled.reduce((sum, n) => sum + units(rowBytes(n), 1_024), 0);
  const states = services * assumed.transitions * assumed.writesPerTransition * 2;
  const kept = filled.reduce((sum, n) => sum + rowBytes(n), 0) * 1_440 * built.retentionDays;
  const hourWrites = filled.reduce((sum, n) => sum + units(hourBytes(n), 1_024), 0) + assumed.sumUnits;
  const rollups = runs * hourWrites + (runs / 24) * (services + assumed.sumUnits);
  const hoursKept = filled.reduce((sum, n) => sum + hourBytes(n), 0) * 24 * assumed.hoursKeptDays;
  const daysKept = services * assumed.dayBytes * built.rollupRetentionDays;
  const storedGb = (services * assumed.itemBytes + kept + hoursKept + daysKept) / 1e9;
  const table =
    reads * prices.readUnit +
    (rows + states + windows + corrections + slots + rollups) * prices.writeUnit +
    storedGb * (prices.storedGb + prices.backedUpGb);

  const logs = ((calls * assumed.logBytesPerPack + minutes * assumed.logBytesPerTick) / 1e9) * prices.logGb;
  const alerts = services * assumed.transitions * (prices.publish + prices.mail);
  const fixed = built.metrics * prices.metric + built.alarmMetrics * prices.alarm;
  return { packs, lambda, queues, table, logs, alerts, fixed, total: lambda + queues + table + logs + alerts + fixed };
}
