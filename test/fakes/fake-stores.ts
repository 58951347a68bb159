// The stores in memory, for sweeps too long for the embedded engine. store-contract.ts holds them against the real ones.
import type { ShardCount } from '../../lambdas/contract/messages.ts';
import { type FleetControl, freshFleet } from '../../lambdas/core/fleet.ts';
import { shardOf } from '../../lambdas/core/hash.ts';
import type { PackedRow } from '../../lambdas/core/packed-row.ts';
import { type Registration, toService } from '../../lambdas/core/service.ts';
import type { State } from '../../lambdas/core/state.ts';
import { endsRestart, type TimelineRecord } from '../../lambdas/core/timeline.ts';
import type { FleetStore, ResultStore, ServiceKey, ServiceStore, Stored, Timeline } from '../../lambdas/ports.ts';

export type Stores = Readonly<{
  services: ServiceStore;
  fleet: FleetStore;
  results: ResultStore;
  timeline: Timeline;
}>;
type Item = { document: Registration; state: State; version: number; registeredAt: number; heartbeatAt?: number };

const nameOf = ({ tenant, id }: ServiceKey) => `${tenant}#${id}`;

export const fakeStores = (shards: number): Stores => ({
  services: fakeServices(shards),
  fleet: fakeFleet(),
  results: fakeResults(),
  timeline: fakeTimeline(),
});

function fakeServices(shards: number): ServiceStore {
  const items = new Map<string, Item>();
  const stored = (item: Item): Stored => structuredClone({ ...item, service: toService(item.document) });
  return {
    readShard: async (shard) => ({
      services: [...items.values()]
        .filter(({ document }) => shardOf(document.tenant, document.id, shards) === shard)
        .map(stored),
      faults: 0,
    }),
    read: async (key) => {
      const item = items.get(nameOf(key));
      return item && stored(item);
    },
    saveState: async ({ service, version }, state) => {
      const item = items.get(nameOf(service));
      if (item?.version !== version) return false;
      Object.assign(item, { state: structuredClone(state), version: version + 1 });
      return true;
    },
    register: async (document, state, registeredAt) => {
      const item = items.get(nameOf(document));
      if (item) Object.assign(item, { document, version: item.version + 1 });
      else items.set(nameOf(document), { document, state, version: 0, registeredAt });
      return item ? 'replaced' : 'created';
    },
    remove: async (key) => items.delete(nameOf(key)),
    heartbeat: async (key, heartbeatAt) => {
      const item = items.get(nameOf(key));
      if (item) item.heartbeatAt = heartbeatAt;
      return item !== undefined;
    },
  };
}

function fakeFleet(): FleetStore {
  let control: FleetControl = freshFleet;
  const counts = new Map<number, ShardCount>();
  const write = (count: Omit<ShardCount, 'version'>, version = 0) =>
    void counts.set(count.shard, { ...count, version: version + 1 });
  return {
    control: async () => control,
    saveControl: async (next) => void (control = next),
    counts: async () => [...counts.values()].sort((a, b) => a.shard - b.shard),
    expectService: async (shard, intervalSeconds) => {
      const known = counts.get(shard);
      const isEmpty = !known || known.services === 0;
      const fastestSeconds = isEmpty ? intervalSeconds : Math.min(known.fastestSeconds, intervalSeconds);
      const services = Math.max(known?.services ?? 0, 1);
      write({ shard, services, unhealthy: known?.unhealthy ?? 0, fastestSeconds }, known?.version);
    },
    correctCount: async (known, found) => {
      if (counts.get(known.shard)?.version === known.version) write(found, known.version);
    },
  };
}

function fakeResults(): ResultStore {
  const rows = new Map<string, PackedRow>();
  return {
    saveRow: async (row) => void rows.set(`${row.shard}#${row.beat}`, row),
    rows: async ({ shard, from = 0, before = Infinity, limit }) =>
      [...rows.values()]
        .filter((row) => row.shard === shard && row.beat >= from && row.beat < before)
        .sort((a, b) => b.beat - a.beat)
        .slice(0, limit),
  };
}

function fakeTimeline(): Timeline {
  const records = new Map<string, TimelineRecord>();
  const newest = ({ tenant, id }: ServiceKey, limit: number, isWanted: (record: TimelineRecord) => boolean) =>
    [...records.values()]
      .filter((record) => record.tenant === tenant && record.id === id && isWanted(record))
      .sort((a, b) => b.at - a.at || (b.intentId > a.intentId ? 1 : -1))
      .slice(0, limit);
  return {
    append: async (record) =>
      void records.set(`${nameOf(record)}#${record.at}#${record.intentId}`, structuredClone(record)),
    events: async (key, { limit, before = Infinity }) => newest(key, limit, ({ at }) => at < before),
    restarts: async (key, { limit }) => newest(key, limit, ({ kind }) => endsRestart(kind)),
  };
}
