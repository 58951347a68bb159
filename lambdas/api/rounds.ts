// Whether the rounds of one prober run, read from its packed rows and, only if in doubt, from the services.
import type { ShardCount } from '../contract/messages.ts';
import type { Network } from '../contract/networks.ts';
import type { PackedRow } from '../core/rounds/packed-row.ts';
import { lookedAtFrom, servicesOf } from '../core/rounds/shard-count.ts';
import type { Stored } from '../ports/service-store.ts';
import type { ApiPorts } from './request.ts';

/** One round may be skipped; two in a row are no accident. */
const GRACE_MS = 120_000;
const MINUTE_MS = 60_000;

/** `newest` is the latest beat with a row (epoch ms); 0 before the first. */
export type Rounds = Readonly<{ rows: readonly PackedRow[]; newest: number; haveStopped: boolean }>;

/** The newest row of every shard in which this prober has services; undefined if there is none. */
export async function roundsOf(
  network: Network,
  counts: readonly ShardCount[],
  ports: ApiPorts,
  signal: AbortSignal,
): Promise<Rounds | undefined> {
  const shards = counts.filter((count) => servicesOf(count, network) > 0);
  const [first] = shards;
  if (!first) return undefined;
  const found = await Promise.all(shards.map(({ shard }) => ports.results.rows({ shard, network, limit: 1 }, signal)));
  const rows = found.flat();
  const newest = rows.reduce((latest, row) => Math.max(latest, row.beat), 0);
  const servicesIn = async ({ shard }: ShardCount): Promise<readonly Stored[]> => {
    const { services } = await ports.services.readShard(shard, signal);
    return services.filter(({ service }) => lookedAtFrom(service.network, ports.limits.networks) === network);
  };
  const now = ports.clock.now();
  // Without a row yet, rounds are due since the first registration.
  const since = newest > 0 ? newest : Math.min(now, ...(await servicesIn(first)).map((one) => one.registeredAt));
  // Rows are written when something is due; in a fleet of hourly checks, an hour without any is normal.
  const isLate = (seconds: readonly number[]) =>
    now - since >= Math.max(MINUTE_MS, Math.min(...seconds) * 1000) + GRACE_MS;
  const seconds = shards.map(({ fastestSeconds }) => fastestSeconds);
  if (!isLate(seconds)) return { rows, newest, haveStopped: false };
  // For a shard that several probers share, the count has the shortest interval of all; the services say whose it is.
  const isShared = (count: ShardCount) => servicesOf(count, network) < count.services;
  const known = shards.filter((count) => !isShared(count)).map(({ fastestSeconds }) => fastestSeconds);
  const asked = (await Promise.all(shards.filter(isShared).map(servicesIn))).flat();
  const haveStopped = isLate([...known, ...asked.map(({ service }) => service.probe.intervalSeconds)]);
  return { rows, newest, haveStopped };
}
